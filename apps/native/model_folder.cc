#include "apps/native/model_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

#include "base/json_writer.h"
#include "model/model_files.h"

namespace reprise::native {
namespace {

constexpr size_t kPieceBytes = 1 << 20;
// Parts of reprise_hasher_create.
constexpr int32_t kHashBoth = 0, kHashWhole = 1, kHashChunks = 2;

const uint8_t* Bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// Gives a file's pieces in order. Errors: not_found, io.
Status ReadPieces(const std::string& path, const std::function<Status(std::string_view)>& take) {
  std::ifstream in(path, std::ios::binary);
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(path, failed);
  if (!in || failed) {
    return Fail(Error(ErrorCode::kNotFound, path + ": there is no such file").With("file", path));
  }
  std::string piece;
  for (uint64_t done = 0; done < bytes; done += piece.size()) {
    piece.resize(static_cast<size_t>(std::min<uint64_t>(kPieceBytes, bytes - done)));
    if (!in.read(piece.data(), static_cast<std::streamsize>(piece.size()))) {
      return Fail(Error(ErrorCode::kIo, path + ": could not be read").With("file", path));
    }
    REPRISE_TRY(take(piece));
  }
  return {};
}

// A hasher of the core, which it releases.
class Hasher {
 public:
  static Result<Hasher> Create(const Core* core, int32_t parts) {
    REPRISE_ASSIGN(const int32_t handle, core->Check(reprise_hasher_create(core->get(), parts)));
    return Hasher(core, handle);
  }
  Hasher(Hasher&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)), handle_(other.handle_) {}
  Hasher& operator=(Hasher&&) = delete;
  ~Hasher() {
    if (core_ != nullptr) reprise_release(core_->get(), handle_);
  }

  Status Update(std::string_view bytes) const {
    REPRISE_TRY(
        core_->Check(reprise_hasher_push(core_->get(), handle_, Bytes(bytes), bytes.size())));
    return {};
  }
  Result<std::string> Finish() const {
    REPRISE_TRY(core_->Check(reprise_hasher_finish(core_->get(), handle_)));
    return std::string(core_->result());
  }

 private:
  Hasher(const Core* core, int32_t handle) : core_(core), handle_(handle) {}
  const Core* core_;
  int32_t handle_;
};

}  // namespace

Result<ModelFolder> ModelFolder::Open(const Core* core, const std::string& path, bool verify) {
  ModelFolder folder(core, path, verify);
  const std::string name(kManifestFile);
  if (!verify || !folder.Has(name)) return folder;
  REPRISE_ASSIGN(const std::string json, ReadWholeFile(folder.PathOf(name)));
  REPRISE_ASSIGN(folder.manifest_,
                 core->Check(reprise_manifest_read(core->get(), json.data(), json.size(),
                                                   name.data(), name.size())));
  folder.manifest_json_ = core->result();
  return folder;
}

bool ModelFolder::Has(const std::string& name) const {
  return std::filesystem::exists(PathOf(name));
}

Status ModelFolder::CheckAbsent(const std::string& name) const {
  if (manifest_ == 0) return {};
  REPRISE_ASSIGN(const JsonValue manifest, ParseJson(manifest_json_, "manifest"));
  for (const JsonValue& file : manifest.Find("files")->array()) {
    if (file.Find("name")->string() != name) continue;
    return Fail(Error(ErrorCode::kNotFound,
                      PathOf(name) + ": there is no such file, and manifest.json lists it")
                    .With("file", PathOf(name)));
  }
  return {};
}

Result<std::string> ModelFolder::HashFile(const std::string& name, int32_t parts) const {
  REPRISE_ASSIGN(const Hasher hasher, Hasher::Create(core_, parts));
  REPRISE_TRY(ReadPieces(PathOf(name),
                         [&](std::string_view piece) -> Status { return hasher.Update(piece); }));
  return hasher.Finish();
}

Status ModelFolder::CheckHashes(const std::string& name, const std::string& hashes) const {
  if (manifest_ == 0) return {};
  REPRISE_TRY(core_->Check(reprise_manifest_check(core_->get(), manifest_, name.data(), name.size(),
                                                  hashes.data(), hashes.size())));
  return {};
}

Status ModelFolder::CheckLoaded(const std::string& name, const std::string& hashes) const {
  Status checked = CheckHashes(name, hashes);
  if (checked || checked.error().code != ErrorCode::kHashMismatch) return checked;
  // The hash of a whole does not say where it is another: the file is read again for its chunks.
  const Result<std::string> chunks = HashFile(name, kHashChunks);
  if (!chunks) return checked;
  Status place = CheckHashes(name, *chunks);
  return place ? std::move(checked) : std::move(place);
}

Result<std::string> ModelFolder::ReadChecked(const std::string& name) const {
  REPRISE_ASSIGN(std::string text, ReadWholeFile(PathOf(name)));
  if (manifest_ == 0) return text;
  REPRISE_ASSIGN(const Hasher hasher, Hasher::Create(core_, kHashWhole));
  REPRISE_TRY(hasher.Update(text));
  REPRISE_ASSIGN(const std::string hashes, hasher.Finish());
  REPRISE_TRY(CheckLoaded(name, hashes));
  return text;
}

Result<ModelFolder::WeightFiles> ModelFolder::FindWeights() const {
  const auto has_it = [&](const WeightsPlace& place) { return Has(std::string(place.name)); };
  const auto* const found = std::ranges::find_if(kWeightsPlaces, has_it);
  const WeightsPlace& place = found == std::end(kWeightsPlaces) ? kWeightsPlaces[0] : *found;
  const std::string name(place.name);
  if (!place.is_index) return WeightFiles{.index = {}, .files = {name}};
  REPRISE_ASSIGN(const std::string json, ReadChecked(name));
  REPRISE_TRY(core_->Check(
      reprise_weights_index(core_->get(), json.data(), json.size(), name.data(), name.size())));
  REPRISE_ASSIGN(const JsonValue answer, ParseJson(core_->result(), "answer"));
  WeightFiles weights{.index = name, .files = {}};
  for (const JsonValue& file : answer.Find("files")->array()) {
    weights.files.emplace_back(file.string());
  }
  return weights;
}

Result<std::string> ModelFolder::PushWeights(int32_t model, const std::string& name) {
  reprise_context* const context = core_->get();
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(PathOf(name), failed);
  REPRISE_ASSIGN(const Hasher hasher, Hasher::Create(core_, kHashWhole));
  // Bytes that break the format are hashed to the end all the same: that they are other bytes than
  // the manifest promises says more.
  Result<int32_t> pushed = core_->Check(reprise_model_begin_file(
      context, model, name.data(), name.size(), failed ? 0 : static_cast<double>(bytes)));
  if (!pushed && manifest_ == 0) return std::move(pushed).failure();
  REPRISE_TRY(ReadPieces(PathOf(name), [&](std::string_view piece) -> Status {
    if (verify_) REPRISE_TRY(hasher.Update(piece));
    if (!pushed) return {};
    pushed = core_->Check(reprise_model_push(context, model, Bytes(piece), piece.size()));
    if (!pushed && manifest_ == 0) return std::move(pushed).failure();
    return {};
  }));
  if (pushed) pushed = core_->Check(reprise_model_end_file(context, model));
  if (!verify_) {
    REPRISE_TRY(std::move(pushed));
    return std::string();
  }
  REPRISE_ASSIGN(const std::string hashes, hasher.Finish());
  REPRISE_TRY(CheckLoaded(name, hashes));
  REPRISE_TRY(std::move(pushed));
  REPRISE_ASSIGN(const JsonValue found, ParseJson(hashes, "hashes"));
  return std::string(found.Find("sha256")->string());
}

Result<int32_t> ModelFolder::LoadModel(const std::string& options) {
  const std::string config_name(kConfigFile), generation_name(kGenerationConfigFile);
  REPRISE_ASSIGN(const std::string config, ReadChecked(config_name));
  REPRISE_ASSIGN(const int32_t model,
                 core_->Check(reprise_model_create(core_->get(), config.data(), config.size(),
                                                   config_name.data(), config_name.size(),
                                                   options.data(), options.size())));
  for (int32_t more = 1; more == 1;) {
    REPRISE_ASSIGN(more, core_->Check(reprise_model_prepare(core_->get(), model, kWorkUnits)));
  }
  if (Has(generation_name)) {
    REPRISE_ASSIGN(const std::string json, ReadChecked(generation_name));
    REPRISE_TRY(core_->Check(reprise_model_generation_config(core_->get(), model, json.data(),
                                                             json.size(), generation_name.data(),
                                                             generation_name.size())));
  } else {
    REPRISE_TRY(CheckAbsent(generation_name));
  }
  REPRISE_ASSIGN(const WeightFiles weights, FindWeights());
  JsonWriter hashes;
  hashes.BeginArray();
  for (const std::string& file : weights.files) {
    REPRISE_ASSIGN(const std::string hash, PushWeights(model, file));
    if (verify_) hashes.String(hash);
  }
  hashes.EndArray();
  REPRISE_TRY(core_->Check(reprise_model_finish(core_->get(), model)));
  if (!verify_) return model;
  const std::string json = std::move(hashes).Take();
  REPRISE_TRY(core_->Check(reprise_weights_hash(core_->get(), json.data(), json.size())));
  weights_hash_ = core_->result();
  return model;
}

Result<int32_t> ModelFolder::LoadTokenizer() {
  const std::string name(kTokenizerFile);
  if (!Has(name)) {
    REPRISE_TRY(CheckAbsent(name));
    return 0;
  }
  REPRISE_ASSIGN(const std::string json, ReadChecked(name));
  return core_->MakeTokenizer(json, PathOf(name));
}

std::string ModelFolder::Facts(const std::string& more) const {
  JsonWriter json;
  json.BeginObject().Key("folder");
  json.String(std::filesystem::path(path_).lexically_normal().string());
  json.Key("weights");
  if (weights_hash_.empty())
    json.Null();
  else
    json.String(weights_hash_);
  json.Key("verification")
      .String(!verify_         ? "not_checked"
              : manifest_ == 0 ? "unverified"
                               : "verified");
  return std::move(json).Take() + more + "}";
}

Result<std::string> ModelFolder::MakeManifest() const {
  std::vector<std::string> names;
  for (const std::string_view name : kFilesBesideWeights) {
    if (name == kConfigFile || Has(std::string(name))) names.emplace_back(name);
  }
  REPRISE_ASSIGN(WeightFiles weights, FindWeights());
  if (!weights.index.empty()) names.push_back(weights.index);
  if (weights.index.empty() && !Has(weights.files[0])) weights.files.clear();
  std::ranges::move(weights.files, std::back_inserter(names));
  JsonWriter files;
  files.BeginArray();
  for (const std::string& name : names) {
    REPRISE_ASSIGN(const std::string hashes, HashFile(name, kHashBoth));
    files.Raw("{\"name\":" + std::move(JsonWriter().String(name)).Take() + "," + hashes.substr(1));
  }
  files.EndArray();
  const std::string json = std::move(files).Take();
  REPRISE_TRY(core_->Check(reprise_manifest_write(core_->get(), json.data(), json.size())));
  return std::string(core_->result());
}

Result<std::vector<ModelFolder::Verified>> ModelFolder::Verify() const {
  if (manifest_ == 0) {
    const std::string file = PathOf(std::string(kManifestFile));
    return Fail(Error(ErrorCode::kNotFound, file + ": there is no such file").With("file", file));
  }
  REPRISE_ASSIGN(const JsonValue manifest, ParseJson(manifest_json_, "manifest"));
  std::vector<Verified> verified;
  for (const JsonValue& file : manifest.Find("files")->array()) {
    const std::string name(file.Find("name")->string());
    REPRISE_ASSIGN(const std::string hashes, HashFile(name, kHashBoth));
    REPRISE_TRY(CheckHashes(name, hashes));
    verified.push_back(
        {name, std::string(file.Find("sha256")->string()), file.Find("bytes")->integer()});
  }
  return verified;
}

}  // namespace reprise::native
