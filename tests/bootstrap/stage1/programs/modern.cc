// C++17, for compilers that have it: lambdas, threads, thread_local, futures, regex, chrono, smart pointers, variant.
#include "check.h"
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <regex>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

static thread_local std::string mine = "new";
static std::mutex lock;
static long long count;

int main()
{
	std::vector<std::thread> threads;
	std::unordered_map<int, std::string> seen;
	for (int i = 0; i < 8; i++)
		threads.emplace_back([i, &seen] {
			CHECK(mine == "new");
			mine = "thread " + std::to_string(i);
			for (int k = 0; k < 10000; k++) {
				std::lock_guard<std::mutex> hold(lock);
				count += k;
			}
			std::lock_guard<std::mutex> hold(lock);
			seen[i] = mine;
		});
	for (auto &t : threads) t.join();
	CHECK(count == 8 * 49995000LL && seen.size() == 8 && seen[3] == "thread 3" && mine == "new");

	auto answer = std::async(std::launch::async, [] { return 6 * 7; });
	CHECK(answer.get() == 42);
	auto broken = std::async(std::launch::async, []() -> int { throw std::runtime_error("carried over"); });
	try { broken.get(); CHECK(false); } catch (const std::runtime_error &e) { CHECK(std::string(e.what()) == "carried over"); }

	std::condition_variable cv; bool ready = false;
	std::thread waker([&] { std::lock_guard<std::mutex> hold(lock); ready = true; cv.notify_one(); });
	{ std::unique_lock<std::mutex> hold(lock); CHECK(cv.wait_for(hold, std::chrono::seconds(10), [&] { return ready; })); }
	waker.join();

	std::smatch m;
	std::string text = "version 10.2.0 of 2020";
	CHECK(std::regex_search(text, m, std::regex(R"((\d+)\.(\d+)\.(\d+))")) && m[2] == "2");
	CHECK(std::regex_replace(text, std::regex("[0-9]+"), "#") == "version #.#.# of #");

	auto shared = std::make_shared<int>(5);
	std::weak_ptr<int> weak = shared;
	shared.reset();
	CHECK(weak.expired());
	std::variant<int, std::string> v = "text";
	CHECK(std::visit([](auto &&x) { return sizeof x; }, v) == sizeof(std::string));
	std::optional<int> none;
	CHECK(none.value_or(3) == 3);
	std::function<int(int)> fact = [&](int n) { return n < 2 ? 1 : n * fact(n - 1); };
	CHECK(fact(10) == 3628800);
	return 0;
}
