// Exceptions: by type and base, through many frames, rethrown, with destructors run in order; bad_alloc, bad_cast.
#include "check.h"
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

static std::string trace;
struct Guard { char c; explicit Guard(char c) : c(c) {} ~Guard() { trace += c; } };
struct Base { virtual ~Base() {} };
struct Derived : Base { int value; explicit Derived(int v) : value(v) {} };
struct Thrower { Guard g; Thrower() : g('m') { throw Derived(9); } };

static void deep(int n) { Guard g('a' + n); if (n == 0) throw Derived(42); deep(n - 1); }
static int middle() { try { deep(4); } catch (const std::exception &) { return -1; } return 0; }
static void again() { try { throw std::out_of_range("inner"); } catch (...) { trace += '!'; throw; } }

int main()
{
	try { middle(); CHECK(false); }
	catch (const Base &b) { CHECK(dynamic_cast<const Derived &>(b).value == 42); }
	CHECK(trace == "abcde");
	trace = "";
	try { again(); CHECK(false); }
	catch (const std::logic_error &e) { CHECK(std::string(e.what()) == "inner" && trace == "!"); }
	trace = "";
	try { Thrower t; CHECK(false); } catch (const Derived &d) { CHECK(d.value == 9 && trace == "m"); }
	try { throw 7; } catch (const char *) { CHECK(false); } catch (int i) { CHECK(i == 7); }
	try { Base b; (void)dynamic_cast<Derived &>(b); CHECK(false); } catch (const std::bad_cast &) {}
	try { std::vector<int> v(3); v.at(3); CHECK(false); } catch (const std::out_of_range &) {}
	try { volatile unsigned n = 0x7ffffff0; char *p = new char[n]; p[0] = 1; delete[] p; } catch (const std::bad_alloc &) {}
	int count = 0;
	for (int i = 0; i < 10000; i++)
		try { if (i % 2) throw i; } catch (int) { count++; }
	CHECK(count == 5000);
	return 0;
}
