// manifest.json: what a model folder's files are, and whether a file that streams by is that file.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "base/status.h"
#include "run/file_hashes.h"

namespace reprise {

enum class FileRole : uint8_t { kWeights, kConfig, kTokenizer, kOther };

// "weights", "config", "tokenizer" or "other".
std::string_view FileRoleName(FileRole role);
// What a file of a Hugging Face folder is, by its name.
FileRole FileRoleOf(std::string_view name);

struct ManifestFile {
  std::string name;  // of the manifest's own folder
  FileRole role = FileRole::kOther;
  FileHashes hashes;
};

// schema/manifest.schema.json.
struct Manifest {
  std::string runtime;           // version of the package that wrote it
  int64_t numerics_version = 0;  // of that package's CPU results
  std::vector<ManifestFile> files;

  // The file of that name. Errors: hash_mismatch, with file, where the manifest has none: a file
  // that it does not list is not to be trusted.
  Result<const ManifestFile*> Find(std::string_view name) const;
};

// Reads a manifest strictly. Errors: invalid_json; invalid_config with file and path; unsupported
// for a later version. A file is listed once, with as many chunks as its bytes are, and a file of
// one chunk has one hash.
Result<Manifest> ParseManifest(std::string_view json, std::string_view file);

// The hashes of a file's entry, {"bytes", "sha256", "chunks"} by the schema, at `path`. Errors:
// invalid_config with path where chunks are not as many as the bytes are, or the only one differs.
Result<FileHashes> ReadFileHashes(const JsonValue& entry, const std::string& path,
                                  std::string_view file);

// The text of a manifest of version 1, indented, files in the order of their names.
std::string WriteManifest(Manifest manifest);

// Holds a file's hashes, as they were found, against its manifest. Errors: hash_mismatch with file,
// byte, expected and found; invalid_argument where only its size was found.
Status CheckHashes(const ManifestFile& file, const FileHashes& found);

// The hash of a model's weights by those of their files: of one file its own, of several that of
// the JSON list of theirs. A folder's files stand in the order of their names, others as they were
// given.
std::string WeightsHash(std::span<const std::string> files);

}  // namespace reprise
