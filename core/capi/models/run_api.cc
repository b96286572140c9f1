// The calls of reprise.h on what runs are recorded with: hashes, manifests, records, run
// configs.
#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "capi/context.h"
#include "capi/models/run_facts.h"
#include "capi/reprise.h"
#include "hash/canonical_json.h"
#include "numerics/numerics_version.h"
#include "run/checkpoint_head.h"
#include "run/file_hashes.h"
#include "run/json_schema.h"
#include "run/manifest.h"
#include "run/run_config.h"
#include "run/run_record.h"

namespace reprise {
namespace {

struct HasherObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kHasher;
  explicit HasherObject(HashParts parts) : Object(kKind), hasher(parts) {}
  FileHasher hasher;
  bool is_finished = false;
};

struct ManifestObject final : Object {
  static constexpr ObjectKind kKind = ObjectKind::kManifest;
  explicit ManifestObject(Manifest manifest) : Object(kKind), manifest(std::move(manifest)) {}
  Manifest manifest;
};

// Of one file, as hosts found them; "name" where several are given.
constexpr std::string_view kHashesSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["bytes"],
  "properties": {
    "name": {"type": "string", "format": "file-name"},
    "bytes": {"type": "integer", "minimum": 0, "maximum": 9007199254740991},
    "sha256": {"type": "string", "format": "sha256"},
    "chunks": {"type": "array", "items": {"type": "string", "format": "sha256"}}
  }
})";

FileHashes HashesOf(const JsonValue& value) {
  FileHashes hashes;
  hashes.bytes = IntegerOf(*value.Find("bytes"));
  if (const JsonValue* whole = value.Find("sha256")) hashes.sha256 = whole->string();
  if (const JsonValue* chunks = value.Find("chunks")) {
    for (const JsonValue& chunk : chunks->array()) hashes.chunks.emplace_back(chunk.string());
  }
  // A chunk that is the whole file has its hash.
  if (hashes.sha256.empty() && hashes.chunks.size() == 1) hashes.sha256 = hashes.chunks[0];
  return hashes;
}

void WriteHashes(JsonWriter& json, const FileHashes& hashes) {
  json.Key("bytes").Int(hashes.bytes);
  if (!hashes.sha256.empty()) json.Key("sha256").String(hashes.sha256);
  json.Key("chunks").BeginArray();
  for (const std::string& chunk : hashes.chunks) json.String(chunk);
  json.EndArray();
}

std::string DescribeManifest(const Manifest& manifest) {
  JsonWriter json;
  json.BeginObject().Key("runtime").String(manifest.runtime);
  json.Key("numericsVersion").Int(manifest.numerics_version).Key("files").BeginArray();
  for (const ManifestFile& file : manifest.files) {
    json.BeginObject().Key("name").String(file.name).Key("role").String(FileRoleName(file.role));
    WriteHashes(json, file.hashes);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return std::move(json).Take();
}

}  // namespace
}  // namespace reprise

using reprise::ErrorCode;
using reprise::Fail;
using reprise::FileHashes;
using reprise::HasherObject;
using reprise::HashParts;
using reprise::JsonValue;
using reprise::JsonWriter;
using reprise::ManifestObject;
using reprise::Result;

int32_t reprise_hash_json(reprise_context* context, const char* json, size_t json_size,
                          const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(std::string hash, reprise::HashJson({json, json_size}, {file, file_size}));
    context->Answer(std::move(hash));
    return 0;
  });
}

int32_t reprise_hasher_create(reprise_context* context, int32_t parts) {
  return context->Run([&]() -> Result<int32_t> {
    if (parts < 0 || parts > 2) {
      return reprise::RefuseArgument("parts", "0, 1 or 2", std::to_string(parts));
    }
    return context->Add(std::make_unique<HasherObject>(static_cast<HashParts>(parts)));
  });
}

int32_t reprise_hasher_push(reprise_context* context, int32_t hasher, const uint8_t* bytes,
                            size_t size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(HasherObject * object, context->Find<HasherObject>(hasher));
    if (object->is_finished) return Fail(ErrorCode::kInvalidArgument, "the hasher was finished");
    object->hasher.Update({bytes, size});
    return 0;
  });
}

int32_t reprise_hasher_finish(reprise_context* context, int32_t hasher) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(HasherObject * object, context->Find<HasherObject>(hasher));
    if (object->is_finished) return Fail(ErrorCode::kInvalidArgument, "the hasher was finished");
    object->is_finished = true;
    JsonWriter json;
    json.BeginObject();
    reprise::WriteHashes(json, object->hasher.Finish());
    json.EndObject();
    context->Answer(std::move(json).Take());
    return 0;
  });
}

int32_t reprise_weights_hash(reprise_context* context, const char* files, size_t files_size) {
  return context->Run([&]() -> Result<int32_t> {
    constexpr std::string_view kSchema = R"({"type": "array", "minItems": 1,
      "items": {"type": "string", "format": "sha256"}})";
    REPRISE_ASSIGN(const JsonValue root, reprise::ParseJsonView({files, files_size}, "files"));
    REPRISE_TRY(reprise::CheckSchema(root, kSchema, "files"));
    std::vector<std::string> hashes;
    for (const JsonValue& hash : root.array()) hashes.emplace_back(hash.string());
    context->Answer(reprise::WeightsHash(hashes));
    return 0;
  });
}

int32_t reprise_manifest_write(reprise_context* context, const char* files, size_t files_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const JsonValue root, reprise::ParseJsonView({files, files_size}, "files"));
    if (!root.is_array()) return reprise::RefuseMember("files", "$", "a list", &root);
    reprise::Manifest manifest;
    manifest.runtime = reprise::RuntimeVersion();
    manifest.numerics_version = reprise::kNumericsVersion;
    for (const JsonValue& one : root.array()) {
      REPRISE_TRY(reprise::CheckSchema(one, reprise::kHashesSchema, "files"));
      const JsonValue* name = one.Find("name");
      if (name == nullptr) return reprise::RefuseMember("files", "$.name", "a file name", name);
      manifest.files.push_back({std::string(name->string()), reprise::FileRoleOf(name->string()),
                                reprise::HashesOf(one)});
    }
    std::string text = reprise::WriteManifest(std::move(manifest));
    REPRISE_TRY(reprise::ParseManifest(text, "files"));
    context->Answer(std::move(text));
    return 0;
  });
}

int32_t reprise_manifest_read(reprise_context* context, const char* json, size_t json_size,
                              const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(auto manifest, reprise::ParseManifest({json, json_size}, {file, file_size}));
    context->Answer(reprise::DescribeManifest(manifest));
    return context->Add(std::make_unique<ManifestObject>(std::move(manifest)));
  });
}

int32_t reprise_manifest_check(reprise_context* context, int32_t manifest, const char* name,
                               size_t name_size, const char* hashes, size_t hashes_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const ManifestObject* object, context->Find<ManifestObject>(manifest));
    REPRISE_ASSIGN(const auto* file, object->manifest.Find({name, name_size}));
    REPRISE_ASSIGN(const JsonValue root, reprise::ParseJsonView({hashes, hashes_size}, "hashes"));
    REPRISE_TRY(reprise::CheckSchema(root, reprise::kHashesSchema, "hashes"));
    REPRISE_TRY(reprise::CheckHashes(*file, reprise::HashesOf(root)));
    return 0;
  });
}

int32_t reprise_file_names_check(reprise_context* context, const char* names, size_t names_size) {
  return context->Run([&]() -> Result<int32_t> {
    constexpr std::string_view kSchema =
        R"({"type": "array", "items": {"type": "string", "format": "file-name"}})";
    REPRISE_ASSIGN(const JsonValue root, reprise::ParseJsonView({names, names_size}, "names"));
    REPRISE_TRY(reprise::CheckSchema(root, kSchema, "names"));
    return 0;
  });
}

int32_t reprise_record_check(reprise_context* context, const char* json, size_t json_size,
                             const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(const auto record, reprise::ParseRecord({json, json_size}, {file, file_size}));
    context->Answer(reprise::RunId(record));
    return 0;
  });
}

int32_t reprise_run_config_check(reprise_context* context, const char* json, size_t json_size,
                                 const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(auto hash, reprise::CheckRunConfig({json, json_size}, {file, file_size}));
    context->Answer(std::move(hash));
    return 0;
  });
}

int32_t reprise_checkpoint_write(reprise_context* context, const char* parts, size_t parts_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(std::string text,
                   reprise::WriteCheckpointHead({parts, parts_size}, reprise::RuntimeVersion(),
                                                reprise::kNumericsVersion));
    context->Answer(std::move(text));
    return 0;
  });
}

int32_t reprise_checkpoint_check(reprise_context* context, const char* json, size_t json_size,
                                 const char* file, size_t file_size) {
  return context->Run([&]() -> Result<int32_t> {
    REPRISE_ASSIGN(std::string hash,
                   reprise::CheckCheckpointHead({json, json_size}, {file, file_size}));
    context->Answer(std::move(hash));
    return 0;
  });
}
