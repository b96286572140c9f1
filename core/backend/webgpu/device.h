// One GPU as the core sees it: limits, ids of buffers, the command list that the host plays on the
// real device, and the tickets of what the host still has to answer. Several backends share it.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "backend/webgpu/commands.h"
#include "base/status.h"

namespace reprise {

// What the device allows, in its own units; the names are WebGPU's. The defaults are what every
// WebGPU device allows.
struct WebGpuLimits {
  int64_t max_buffer_size = 256 << 20;                   // bytes
  int64_t max_storage_buffer_binding_size = 128 << 20;   // bytes
  int64_t max_compute_workgroups_per_dimension = 65535;  // workgroups
};

// One GPUBuffer: the slot in the low 16 bits, the slot's generation above. Never 0.
using BufferId = uint32_t;

class WebGpuDevice {
 public:
  explicit WebGpuDevice(const WebGpuLimits& limits) : limits_(limits) {}
  WebGpuDevice(const WebGpuDevice&) = delete;
  WebGpuDevice& operator=(const WebGpuDevice&) = delete;

  const WebGpuLimits& limits() const { return limits_; }

  // A buffer of `words` zeros, or nothing where no slot is left.
  std::optional<BufferId> CreateBuffer(int64_t words);
  void DestroyBuffer(BufferId buffer);
  int64_t live_buffers() const { return live_buffers_; }

  // Copies whole words.
  void WriteWords(BufferId buffer, int64_t first_word, std::span<const uint8_t> bytes);

  // Runs kernel K (commands.h) over a grid of workgroups.
  template <typename K>
  void Dispatch(const uint32_t (&workgroups)[3], const typename K::Constants& constants,
                const typename K::Params& params, const BufferId (&bindings)[K::kBindings]) {
    webgpu::DispatchRecord record;
    record.kernel = K::kId;
    for (int i = 0; i < 3; ++i) record.workgroups[i] = workgroups[i];
    Pack(constants, record.constants);
    Pack(params, record.params);
    for (uint32_t i = 0; i < K::kBindings; ++i) record.bindings[i] = bindings[i];
    AppendDispatch(record, K::kBindings, K::kWritable);
  }

  // Part of an answer: words of a buffer.
  struct Piece {
    BufferId buffer = 0;
    int64_t first_word = 0;
    int64_t words = 0;
  };
  // Asks for words; a ticket. Without pieces the answer is empty and says that everything before
  // has been done.
  uint32_t Ask(std::span<const Piece> pieces);
  // Whether the answer is there; takes it once.
  bool TakeAnswer(uint32_t ticket, std::vector<uint8_t>* bytes);
  // Whether the answer has still to come.
  bool IsPending(uint32_t ticket) const;
  // The answer will be ignored.
  void Abandon(uint32_t ticket) { answers_.erase(ticket); }

  // The host's side. What was taken stays where it is until the next Take.
  struct CommandList {
    std::span<const uint32_t> words;   // records of kRecordWords
    std::span<const uint8_t> payload;  // what write records copy from
  };
  CommandList TakeCommands();
  // Errors: invalid_argument where no such ticket was given or the size is not what it asked for.
  Status Answer(uint32_t ticket, std::span<const uint8_t> bytes);
  // One buffer could not be made; only its backend fails. An id that is no more is ignored.
  void FailBuffer(BufferId buffer, Error error);
  bool has_failed_buffers() const { return !failed_buffers_.empty(); }
  const Error* BufferError(BufferId buffer) const;
  // From now on nothing is encoded any more; every backend fails with this error. The first error
  // stays.
  void Fail(Error error);
  Status status() const;

 private:
  struct Pending {
    int64_t bytes = 0;
    bool is_answered = false;
    std::vector<uint8_t> answer;
  };

  template <typename Fields, size_t N>
  static void Pack(const Fields& fields, uint32_t (&words)[N]) {
    if constexpr (!std::is_empty_v<Fields>) {
      static_assert(sizeof(Fields) <= sizeof(words), "a record has room for it");
      std::memcpy(words, &fields, sizeof(Fields));
    }
  }
  template <typename Record>
  void Append(const Record& record) {
    static_assert(sizeof(Record) == webgpu::kRecordWords * 4);
    if (error_) return;
    const size_t size = words_.size();
    words_.resize(size + webgpu::kRecordWords);
    std::memcpy(words_.data() + size, &record, sizeof(Record));
  }
  void AppendDispatch(const webgpu::DispatchRecord& record, uint32_t bindings, uint32_t writable);

  WebGpuLimits limits_;
  std::vector<uint32_t> words_, taken_words_;
  std::vector<uint8_t> payload_, taken_payload_;
  std::vector<uint16_t> generations_;  // by slot; slot 0 is never used
  std::vector<uint16_t> free_slots_;
  int64_t live_buffers_ = 0;
  uint32_t last_ticket_ = 0;
  std::map<uint32_t, Pending> answers_;
  std::map<BufferId, Error> failed_buffers_;
  std::optional<Error> error_;
};

}  // namespace reprise
