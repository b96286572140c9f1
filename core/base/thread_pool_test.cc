#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

namespace reprise {
namespace {

TEST(ThreadPool, RunsEveryItemOnce) {
  for (int threads = 1; threads <= (ThreadPool::HasThreads() ? 4 : 1); ++threads) {
    ThreadPool pool(threads);
    for (int round = 0; round < 200; ++round) {
      std::vector<int> count(static_cast<size_t>(round * 7 + 1));
      pool.Run(
          0, static_cast<int64_t>(count.size()), 3,
          [](void* context, int64_t begin, int64_t end, int) {
            auto& counts = *static_cast<std::vector<int>*>(context);
            for (int64_t i = begin; i < end; ++i) ++counts[static_cast<size_t>(i)];
          },
          &count);
      for (int c : count) ASSERT_EQ(c, 1);
    }
  }
}

#if !defined(__EMSCRIPTEN__)
// The processor time of the process tells; WebAssembly has no such clock.
TEST(ThreadPool, SleepsWhileThereIsNothingToDo) {
  ThreadPool pool(4);
  std::atomic<int> count = 0;
  pool.Run(
      0, 4, 1,
      [](void* context, int64_t, int64_t, int) { ++*static_cast<std::atomic<int>*>(context); },
      &count);
  const std::clock_t begin = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, 0.1);
  EXPECT_EQ(count, 4);
}
#endif

}  // namespace
}  // namespace reprise
