// A model in a C context.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "capi/context.h"
#include "model/causal_lm.h"

namespace reprise {

struct ModelObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kModel;
  enum class State : uint8_t { kUnprepared, kBetweenFiles, kInFile, kReady, kFailed };
  explicit ModelObject(std::unique_ptr<CausalLm> lm) : Object(kKind), lm(std::move(lm)) {}
  int64_t storages() const override { return lm->backend().live_storages(); }
  bool is_in_use() const override { return has_job; }
  std::unique_ptr<CausalLm> lm;
  std::string config_hash;  // of config.json's RFC 8785 form
  std::vector<int64_t> stop_ids;
  State state = State::kUnprepared;
  bool has_job = false;
};

}  // namespace reprise
