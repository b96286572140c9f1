#include "backend/webgpu/device.h"

namespace reprise {
namespace {

constexpr size_t kMostSlots = 1 << 16;
// A list that carried weights gives its memory back.
constexpr size_t kKeptPayloadBytes = 1 << 20;

uint32_t Word(int64_t value) {
  REPRISE_CHECK(value >= 0 && value <= UINT32_MAX, "a record's word holds 32 bits");
  return static_cast<uint32_t>(value);
}

}  // namespace

std::optional<BufferId> WebGpuDevice::CreateBuffer(int64_t words) {
  uint32_t slot = 0;
  if (!free_slots_.empty()) {
    slot = free_slots_.back();
    free_slots_.pop_back();
  } else {
    if (generations_.empty()) generations_.push_back(0);
    if (generations_.size() == kMostSlots) return std::nullopt;
    slot = static_cast<uint32_t>(generations_.size());
    generations_.push_back(0);
  }
  const BufferId buffer = uint32_t{generations_[slot]} << 16 | slot;
  webgpu::CreateBufferRecord record;
  record.buffer = buffer;
  record.words = Word(words);
  Append(record);
  ++live_buffers_;
  return buffer;
}

void WebGpuDevice::DestroyBuffer(BufferId buffer) {
  const auto slot = static_cast<uint16_t>(buffer & 0xffff);
  REPRISE_CHECK(slot < generations_.size() && generations_[slot] == buffer >> 16,
                "a buffer is destroyed once");
  webgpu::DestroyBufferRecord record;
  record.buffer = buffer;
  Append(record);
  failed_buffers_.erase(buffer);
  ++generations_[slot];
  free_slots_.push_back(slot);
  --live_buffers_;
}

void WebGpuDevice::WriteWords(BufferId buffer, int64_t first_word, std::span<const uint8_t> bytes) {
  REPRISE_CHECK(bytes.size() % 4 == 0, "whole words are written");
  if (error_ || bytes.empty()) return;
  webgpu::WriteBufferRecord record;
  record.buffer = buffer;
  record.first_word = Word(first_word);
  record.words = Word(static_cast<int64_t>(bytes.size() / 4));
  record.payload_word = Word(static_cast<int64_t>(payload_.size() / 4));
  payload_.insert(payload_.end(), bytes.begin(), bytes.end());
  Append(record);
}

void WebGpuDevice::AppendDispatch(const webgpu::DispatchRecord& record, uint32_t bindings,
                                  uint32_t writable) {
  for (uint32_t i = 0; i < 3; ++i) {
    REPRISE_CHECK(record.workgroups[i] <= limits_.max_compute_workgroups_per_dimension,
                  "a grid stays inside the device's limit");
  }
  for (uint32_t i = 0; i < bindings; ++i) {
    for (uint32_t j = 0; j < i; ++j) {
      REPRISE_CHECK(
          record.bindings[i] != record.bindings[j] || ((writable >> i | writable >> j) & 1) == 0,
          "no buffer is bound both to be read and to be written");
    }
  }
  Append(record);
}

uint32_t WebGpuDevice::Ask(std::span<const Piece> pieces) {
  if (++last_ticket_ == 0) ++last_ticket_;
  int64_t words = 0;
  for (const Piece& piece : pieces) words += piece.words;
  answers_[last_ticket_].bytes = words * 4;
  webgpu::ReadBufferRecord record;
  record.ticket = last_ticket_;
  record.answer_words = Word(words);
  for (const Piece& piece : pieces) {
    record.buffer = piece.buffer;
    record.first_word = Word(piece.first_word);
    record.words = Word(piece.words);
    Append(record);
    record.answer_word += record.words;
  }
  if (words == 0) {
    webgpu::FenceRecord fence;
    fence.ticket = last_ticket_;
    Append(fence);
  }
  return last_ticket_;
}

bool WebGpuDevice::IsPending(uint32_t ticket) const {
  const auto found = answers_.find(ticket);
  return found != answers_.end() && !found->second.is_answered;
}

bool WebGpuDevice::TakeAnswer(uint32_t ticket, std::vector<uint8_t>* bytes) {
  const auto found = answers_.find(ticket);
  if (found == answers_.end() || !found->second.is_answered) return false;
  *bytes = std::move(found->second.answer);
  answers_.erase(found);
  return true;
}

WebGpuDevice::CommandList WebGpuDevice::TakeCommands() {
  taken_words_.clear();
  if (taken_payload_.capacity() > kKeptPayloadBytes) std::vector<uint8_t>().swap(taken_payload_);
  taken_payload_.clear();
  std::swap(words_, taken_words_);
  std::swap(payload_, taken_payload_);
  return {taken_words_, taken_payload_};
}

Status WebGpuDevice::Answer(uint32_t ticket, std::span<const uint8_t> bytes) {
  const auto refuse = [&](const std::string& expected) {
    return reprise::Fail(
        Error(ErrorCode::kInvalidArgument,
              "an answer to ticket " + std::to_string(ticket) + ": expected " + expected)
            .With("argument", "ticket")
            .With("found", int64_t{ticket}));
  };
  const auto found = answers_.find(ticket);
  if (found == answers_.end()) {
    // An abandoned ticket is answered all the same.
    if (ticket == 0 || ticket > last_ticket_) return refuse("a ticket that was given");
    return {};
  }
  Pending& pending = found->second;
  if (pending.is_answered || static_cast<int64_t>(bytes.size()) != pending.bytes) {
    return refuse(std::to_string(pending.bytes) + " bytes, once");
  }
  pending.is_answered = true;
  pending.answer.assign(bytes.begin(), bytes.end());
  return {};
}

void WebGpuDevice::FailBuffer(BufferId buffer, Error error) {
  const auto slot = buffer & 0xffff;
  if (slot == 0 || slot >= generations_.size() || generations_[slot] != buffer >> 16) return;
  failed_buffers_.emplace(buffer, std::move(error));
}

const Error* WebGpuDevice::BufferError(BufferId buffer) const {
  const auto found = failed_buffers_.find(buffer);
  return found == failed_buffers_.end() ? nullptr : &found->second;
}

void WebGpuDevice::Fail(Error error) {
  if (error_) return;
  error_ = std::move(error);
  words_.clear();
  payload_.clear();
}

Status WebGpuDevice::status() const {
  if (error_) return reprise::Fail(Error(*error_));
  return {};
}

}  // namespace reprise
