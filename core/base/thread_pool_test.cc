#include "base/thread_pool.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace reprise
