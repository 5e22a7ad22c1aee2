// Atomics of C++11, those of 64 bits too: counting, exchange, publishing between threads, flags, counted pointers.
#include "check.h"
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

static std::atomic<long long> count;
static std::atomic<int> bits, turn;
static std::atomic<unsigned char> small;
static std::atomic_flag spin = ATOMIC_FLAG_INIT;
static long guarded;
static long long plain;

static void work(int id, std::shared_ptr<int> kept)
{
	for (int k = 0; k < 10000; k++) {
		count += 0x100000001LL;
		small++;
		long long seen = count.load();
		CHECK((seen >> 32) == (seen & 0xffffffff));	// never half of an addition
		while (spin.test_and_set(std::memory_order_acquire))
			std::this_thread::yield();
		guarded++;
		spin.clear(std::memory_order_release);
		std::shared_ptr<int> copy = kept;
		CHECK(*copy == 5);
	}
	bits |= 1 << id;
	for (int old = turn; !turn.compare_exchange_weak(old, old * 2 + 1);)
		;
}

int main()
{
	std::vector<std::thread> threads;
	auto shared = std::make_shared<int>(5);
	for (int i = 0; i < 8; i++)
		threads.emplace_back(work, i, shared);
	for (auto &t : threads)
		t.join();
	CHECK(count == 80000 * 0x100000001LL && guarded == 80000 && bits == 255 && turn == 255 && small == (80000 & 255));
	CHECK(shared.use_count() == 1 && count.is_lock_free());
	long long expected = 1;
	CHECK(!count.compare_exchange_strong(expected, 2) && expected == 80000 * 0x100000001LL);
	CHECK(count.compare_exchange_strong(expected, -2) && count.exchange(7) == -2 && count.fetch_sub(8) == 7 && count == -1);
	std::atomic<bool> published(false);
	std::thread reader([&] { while (!published.load(std::memory_order_acquire)) std::this_thread::yield(); CHECK(plain == 42); });
	plain = 42;
	published.store(true, std::memory_order_release);
	reader.join();
	std::atomic<double> real(1.5);
	real.store(real.load() * 2);
	CHECK(real == 3.0);
	return 0;
}
