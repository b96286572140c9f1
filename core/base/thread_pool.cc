#include "base/thread_pool.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/float_environment.h"
#include "base/status.h"

namespace reprise {

#if !defined(__EMSCRIPTEN__) || defined(__EMSCRIPTEN_PTHREADS__)

// Tells the processor that this thread waits in a loop, where it has a way.
inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Looks of a waiting thread at what it waits for, before it sleeps: some 50 µs. WebAssembly has no
// instruction to pause, so a look is shorter there.
#if defined(__EMSCRIPTEN__)
constexpr int kSpins = 40'000;
#else
constexpr int kSpins = 2000;
#endif

// A loop is published by raising `round`. Workers spin a moment for the next one, since the ops of
// one token follow each other within microseconds, and then sleep.
struct ThreadPool::Shared {
  std::vector<std::thread> workers;
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<uint32_t> round = 0;
  std::atomic<int> running = 0;
  std::atomic<int64_t> next = 0;
  int64_t end = 0, grain = 1;
  LoopBody body = nullptr;
  void* context = nullptr;
  bool stop = false;

  void Work(int worker) {
    for (;;) {
      const int64_t first = next.fetch_add(grain, std::memory_order_relaxed);
      if (first >= end) return;
      body(context, first, first + grain < end ? first + grain : end, worker);
    }
  }
  void Live(int worker) {
    const ScopedFloatEnvironment environment;
    uint32_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < kSpins && round.load(std::memory_order_acquire) == seen; ++spin) {
        Pause();
      }
      if (round.load(std::memory_order_acquire) == seen) {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return round.load(std::memory_order_acquire) != seen; });
      }
      ++seen;
      if (stop) return;
      Work(worker);
      running.fetch_sub(1, std::memory_order_release);
    }
  }
  void Publish() {
    {
      const std::lock_guard lock(mutex);
      round.fetch_add(1, std::memory_order_release);
    }
    wake.notify_all();
  }
};

bool ThreadPool::HasThreads() { return true; }

ThreadPool::ThreadPool(int threads) : threads_(threads) {
  REPRISE_CHECK(threads >= 1, "a pool has its caller at least");
  if (threads == 1) return;
  shared_ = std::make_unique<Shared>();
  for (int worker = 1; worker < threads; ++worker) {
    shared_->workers.emplace_back([this, worker] { shared_->Live(worker); });
  }
}

ThreadPool::~ThreadPool() {
  if (!shared_) return;
  shared_->stop = true;
  shared_->Publish();
  for (std::thread& worker : shared_->workers) worker.join();
}

void ThreadPool::Run(int64_t begin, int64_t end, int64_t grain, LoopBody body, void* context) {
  if (begin >= end) return;
  if (!shared_ || end - begin <= grain) {
    body(context, begin, end, 0);
    return;
  }
  Shared& shared = *shared_;
  shared.next.store(begin, std::memory_order_relaxed);
  shared.end = end;
  shared.grain = grain;
  shared.body = body;
  shared.context = context;
  shared.running.store(threads_ - 1, std::memory_order_relaxed);
  shared.Publish();
  shared.Work(0);
  // Where there are more threads than cores, the last ones need this thread's core to end.
  for (int spin = 0; shared.running.load(std::memory_order_acquire) != 0; ++spin) {
    if (spin < kSpins) {
      Pause();
    } else {
      std::this_thread::yield();
    }
  }
}

#else

struct ThreadPool::Shared {};

bool ThreadPool::HasThreads() { return false; }

ThreadPool::ThreadPool(int threads) : threads_(threads) {
  REPRISE_CHECK(threads == 1, "this build has no threads");
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::Run(int64_t begin, int64_t end, int64_t, LoopBody body, void* context) {
  if (begin < end) body(context, begin, end, 0);
}

#endif

}  // namespace reprise
