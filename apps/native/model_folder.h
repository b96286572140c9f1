// A folder in Hugging Face layout: its files go into the core, each held against manifest.json
// where the folder has one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/native/core.h"

namespace reprise::native {

class ModelFolder {
 public:
  // verify: whether files are hashed, and checked where there is a manifest. Errors: those of
  // reading a manifest.
  static Result<ModelFolder> Open(const Core* core, const std::string& path, bool verify);

  // config.json, generation_config.json where there is one, and model.safetensors or, where it is
  // absent, the shards of its index. options: of reprise_model_create. Errors: hash_mismatch, and
  // those of the formats.
  Result<int32_t> LoadModel(const std::string& options);
  // 0 where the folder has none.
  Result<int32_t> LoadTokenizer();

  // The facts of reprise.h about a model that was loaded, with `more` members, which begin with a
  // comma where there are any.
  std::string Facts(const std::string& more) const;

  // The text of a manifest of the folder. Errors: not_found where it has no config.json.
  Result<std::string> MakeManifest() const;
  // Holds every file of the manifest against it; its files and their hashes. Errors: not_found
  // where there is none; hash_mismatch.
  struct Verified {
    std::string name, sha256;
    int64_t bytes = 0;
  };
  Result<std::vector<Verified>> Verify() const;

 private:
  ModelFolder(const Core* core, std::string path, bool verify)
      : core_(core), path_(std::move(path)), verify_(verify) {}

  std::string PathOf(const std::string& name) const { return path_ + "/" + name; }
  bool Has(const std::string& name) const;
  // Of a file that may be absent and is. Errors: not_found where the manifest lists it.
  Status CheckAbsent(const std::string& name) const;
  // Where the weights are: of a folder that has none, where they would be first.
  struct WeightFiles {
    std::string index;  // "" where there is none
    std::vector<std::string> files;
  };
  Result<WeightFiles> FindWeights() const;
  // A whole file, checked.
  Result<std::string> ReadChecked(const std::string& name) const;
  // Its hash, "" where nothing is hashed.
  Result<std::string> PushWeights(int32_t model, const std::string& name);
  // The JSON of reprise_hasher_finish. parts: as reprise_hasher_create has them.
  Result<std::string> HashFile(const std::string& name, int32_t parts) const;
  Status CheckHashes(const std::string& name, const std::string& hashes) const;
  // The same of a file that was hashed whole; its error says in which chunk.
  Status CheckLoaded(const std::string& name, const std::string& hashes) const;

  const Core* core_;
  std::string path_;
  bool verify_;
  int32_t manifest_ = 0;       // a handle, or 0 where there is none
  std::string manifest_json_;  // what the core says of it
  std::string weights_hash_;   // "" where nothing was hashed
};

}  // namespace reprise::native
