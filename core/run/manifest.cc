#include "run/manifest.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/json_reader.h"
#include "base/json_words.h"
#include "base/json_writer.h"
#include "hash/canonical_json.h"
#include "model/model_files.h"
#include "run/json_schema.h"
#include "run/schemas.h"

namespace reprise {
namespace {

constexpr std::string_view kFormat = "reprise-manifest";
constexpr FileRole kRoles[] = {FileRole::kWeights, FileRole::kConfig, FileRole::kTokenizer,
                               FileRole::kOther};

int64_t ChunksOf(int64_t bytes) {
  return bytes / kHashChunkBytes + (bytes % kHashChunkBytes == 0 ? 0 : 1);
}

Failure Mismatch(const ManifestFile& file, int64_t byte, const std::string& message,
                 std::string_view expected, std::string_view found) {
  return Fail(Error(ErrorCode::kHashMismatch, file.name + ": " + message)
                  .With("file", file.name)
                  .With("byte", byte)
                  .With("expected", expected)
                  .With("found", found));
}

// A chunk that the manifest has.
Status CheckChunk(const ManifestFile& file, size_t index, std::string_view sha256) {
  const std::vector<std::string>& chunks = file.hashes.chunks;
  const std::string& expected = chunks[index];
  if (sha256 == expected) return {};
  const int64_t first = static_cast<int64_t>(index) * kHashChunkBytes;
  const int64_t last = std::min(first + kHashChunkBytes, file.hashes.bytes);
  const std::string place = chunks.size() == 1 ? "the file"
                                               : "the part from byte " + std::to_string(first) +
                                                     " to " + std::to_string(last);
  return Mismatch(file, first,
                  place + " should have the SHA-256 " + expected + " by manifest.json, and has " +
                      std::string(sha256),
                  expected, sha256);
}

Status CheckBytes(const ManifestFile& file, int64_t bytes) {
  const int64_t expected = file.hashes.bytes;
  if (bytes == expected) return {};
  const std::string found = bytes > expected ? "more than " + std::to_string(expected) + " bytes"
                                             : std::to_string(bytes) + " bytes";
  return Mismatch(file, std::min(bytes, expected),
                  "the file should have " + std::to_string(expected) +
                      " bytes by manifest.json, and has " + found,
                  std::to_string(expected) + " bytes", found);
}

// Of a file that was hashed whole; both hashes say more than both sizes.
Status CheckWhole(const ManifestFile& file, const std::string& sha256) {
  if (sha256.empty() || sha256 == file.hashes.sha256) return {};
  return Mismatch(file, 0,
                  "the file should have the SHA-256 " + file.hashes.sha256 +
                      " by manifest.json, and has " + sha256,
                  file.hashes.sha256, sha256);
}

}  // namespace

std::string_view FileRoleName(FileRole role) {
  switch (role) {
    case FileRole::kWeights:
      return "weights";
    case FileRole::kConfig:
      return "config";
    case FileRole::kTokenizer:
      return "tokenizer";
    case FileRole::kOther:
      break;
  }
  return "other";
}

FileRole FileRoleOf(std::string_view name) {
  if (name.ends_with(kWeightsSuffix)) return FileRole::kWeights;
  if (name == kConfigFile) return FileRole::kConfig;
  return name == kTokenizerFile ? FileRole::kTokenizer : FileRole::kOther;
}

Result<FileHashes> ReadFileHashes(const JsonValue& entry, const std::string& path,
                                  std::string_view file) {
  FileHashes hashes;
  hashes.bytes = IntegerOf(*entry.Find("bytes"));
  hashes.sha256 = entry.Find("sha256")->string();
  for (const JsonValue& chunk : entry.Find("chunks")->array()) {
    hashes.chunks.emplace_back(chunk.string());
  }
  const int64_t chunks = ChunksOf(hashes.bytes);
  if (static_cast<int64_t>(hashes.chunks.size()) != chunks) {
    return RefuseMember(file, path + ".chunks",
                        "a list of " + std::to_string(chunks) + " hashes, one for each 8 MiB of " +
                            std::to_string(hashes.bytes) + " bytes",
                        entry.Find("chunks"));
  }
  if (chunks == 1 && hashes.chunks[0] != hashes.sha256) {
    return RefuseMember(file, path + ".chunks[0]",
                        "the file's own hash, " + hashes.sha256 + ", since it is the only chunk",
                        entry.Find("chunks")->array().data());
  }
  return hashes;
}

Result<const ManifestFile*> Manifest::Find(std::string_view name) const {
  const auto found = std::ranges::find(files, name, &ManifestFile::name);
  if (found != files.end()) return &*found;
  return Fail(Error(ErrorCode::kHashMismatch,
                    std::string(name) + ": the folder's manifest.json does not list this file")
                  .With("file", name)
                  .With("expected", "a file that manifest.json lists")
                  .With("found", name));
}

Result<Manifest> ParseManifest(std::string_view json, std::string_view file) {
  REPRISE_ASSIGN(const JsonValue root, ParseJsonView(json, file));
  REPRISE_TRY(CheckDocument(root, kFormat, file));
  REPRISE_TRY(CheckSchema(root, kManifestSchema, file));
  Manifest manifest;
  manifest.runtime = root.Find("runtime")->string();
  manifest.numerics_version = IntegerOf(*root.Find("numericsVersion"));
  std::set<std::string_view> names;
  for (const JsonValue& one : root.Find("files")->array()) {
    const std::string path = "$.files[" + std::to_string(manifest.files.size()) + "]";
    const JsonValue& name = *one.Find("name");
    if (!names.insert(name.string()).second) {
      return RefuseMember(file, path + ".name", "a name that no earlier file has", &name);
    }
    ManifestFile entry;
    entry.name = name.string();
    entry.role = *std::ranges::find(kRoles, one.Find("role")->string(), FileRoleName);
    REPRISE_ASSIGN(entry.hashes, ReadFileHashes(one, path, file));
    manifest.files.push_back(std::move(entry));
  }
  return manifest;
}

std::string WriteManifest(Manifest manifest) {
  std::ranges::sort(manifest.files, {}, &ManifestFile::name);
  JsonWriter json(JsonWriter::Layout::kIndented);
  json.BeginObject().Key("format").String(kFormat).Key("version").Int(1);
  json.Key("runtime").String(manifest.runtime);
  json.Key("numericsVersion").Int(manifest.numerics_version).Key("files").BeginArray();
  for (const ManifestFile& file : manifest.files) {
    json.BeginObject().Key("name").String(file.name).Key("role").String(FileRoleName(file.role));
    json.Key("bytes").Int(file.hashes.bytes).Key("sha256").String(file.hashes.sha256);
    json.Key("chunks").BeginArray();
    for (const std::string& chunk : file.hashes.chunks) json.String(chunk);
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return std::move(json).Take() + "\n";
}

Status CheckHashes(const ManifestFile& file, const FileHashes& found) {
  const bool is_one_chunk = std::max(found.chunks.size(), file.hashes.chunks.size()) <= 1;
  if (is_one_chunk) REPRISE_TRY(CheckWhole(file, found.sha256));
  const size_t known = std::min(found.chunks.size(), file.hashes.chunks.size());
  for (size_t i = 0; i < known; ++i) {
    REPRISE_TRY(CheckChunk(file, i, found.chunks[i]));
  }
  REPRISE_TRY(CheckBytes(file, found.bytes));
  REPRISE_TRY(CheckWhole(file, found.sha256));
  // Without them nothing but the size would have been compared.
  if (found.chunks.size() == file.hashes.chunks.size() || !found.sha256.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument, file.name +
                                               ": neither its chunks' hashes were given nor "
                                               "that of the whole");
}

std::string WeightsHash(std::span<const std::string> files) {
  if (files.size() == 1) return files[0];
  JsonWriter json;
  json.BeginArray();
  for (const std::string& file : files) json.String(file);
  json.EndArray();
  const Result<std::string> hash = HashJson(std::move(json).Take(), "weights");
  REPRISE_CHECK(hash.has_value(), "a list of hashes is no JSON");
  return *hash;
}

}  // namespace reprise
