// A fixed set of threads that share loops. In builds without threads the caller does all the work.
#pragma once

#include <cstdint>
#include <memory>

namespace reprise {

// Called with [begin, end) of the items and the number of the worker, from 0.
using LoopBody = void (*)(void* context, int64_t begin, int64_t end, int worker);

// Runs loops on `threads` workers, the caller being one of them. One loop at a time, from one
// thread.
class ThreadPool {
 public:
  // The workers start here. A build without threads allows only 1.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Runs body over [begin, end) in pieces of `grain` items and returns when all are done. Which
  // worker gets which piece varies; no result may depend on it.
  void Run(int64_t begin, int64_t end, int64_t grain, LoopBody body, void* context);

  // Whether this build has threads at all.
  static bool HasThreads();

 private:
  struct Shared;
  int threads_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace reprise
