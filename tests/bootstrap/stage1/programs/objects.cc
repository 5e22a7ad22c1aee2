// RTTI, virtual and multiple inheritance, member pointers, templates, constructors of static objects and their order.
#include "check.h"
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <typeinfo>
#include <vector>

static std::string order;
struct Noted { Noted(const char *s) { order += s; } };
static Noted first("1"), second("2");
static Noted &local() { static Noted n("L"); return n; }

struct Top { int t; Top() : t(1) {} virtual ~Top() {} virtual int f() const { return t; } };
struct Left : virtual Top { int l; Left() : l(2) {} };
struct Right : virtual Top { int r; Right() : r(3) {} int f() const { return 10 + t; } };
struct Bottom : Left, Right { int b; Bottom() : b(4) {} };

template <int N> struct Fact { enum { value = N * Fact<N - 1>::value }; };
template <> struct Fact<0> { enum { value = 1 }; };
template <class T> T twice(T x) { return x + x; }
template <class T, class U> struct Same { enum { yes = 0 }; };
template <class T> struct Same<T, T> { enum { yes = 1 }; };
template <class T> struct Stack { std::vector<T> v; void push(const T &x) { v.push_back(x); } T pop() { T x = v.back(); v.pop_back(); return x; } };

int main()
{
	CHECK(order == "12");
	local(); local();
	CHECK(order == "12L");
	Bottom b;
	Top *t = &b;
	CHECK(t->f() == 11 && dynamic_cast<Bottom *>(t) == &b && dynamic_cast<Left *>(t)->l == 2);
	CHECK(typeid(*t) == typeid(Bottom) && std::string(typeid(int).name()) == "i");
	Top plain;
	CHECK(!dynamic_cast<Right *>(&plain));
	int Bottom::*pm = &Bottom::b;
	int (Top::*pf)() const = &Top::f;
	CHECK(b.*pm == 4 && (b.*pf)() == 11);
	CHECK(Fact<10>::value == 3628800 && twice(std::string("ab")) == "abab" && twice(2.5) == 5);
	CHECK((Same<int, int>::yes && !Same<int, long>::yes));
	std::map<std::string, std::vector<int> > m;
	for (int i = 0; i < 1000; i++)
		m[std::string(1, 'a' + i % 26)].push_back(i);
	CHECK(m.size() == 26 && m["c"][1] == 28);
	std::vector<int> v;
	for (int i = 0; i < 10000; i++)
		v.push_back(i * 7919 % 10007);
	std::sort(v.begin(), v.end(), std::greater<int>());
	CHECK(v.front() > v[1] && v[9998] > v[9999]);
	Stack<std::string> s;
	s.push("x"); s.push("y");
	CHECK(s.pop() == "y" && s.pop() == "x");
	return 0;
}
