#include "run/checkpoint_head.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "hash/canonical_json.h"
#include "run/json_schema.h"
#include "run/manifest.h"
#include "run/schemas.h"

namespace reprise {
namespace {

constexpr std::string_view kFormat = "reprise-checkpoint";
constexpr std::string_view kOwnHash = "sha256";

// Of everything in a HEAD but the hash itself.
std::string OwnHash(const JsonValue& head) {
  JsonWriter json;
  json.BeginObject();
  for (const auto& [name, value] : head.object()) {
    if (name != kOwnHash) json.Key(name).Raw(CanonicalJson(value));
  }
  json.EndObject();
  const Result<std::string> hash = HashJson(std::move(json).Take(), "HEAD");
  REPRISE_CHECK(hash.has_value(), "members of a document are no JSON");
  return *hash;
}

// Some file systems have one name for those that differ in case alone.
std::string WithoutCase(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// A document of this version and the right hash.
Status CheckContent(const JsonValue& head, std::string_view file) {
  REPRISE_TRY(CheckSchema(head, kCheckpointSchema, file));
  std::set<std::string> names;
  for (const JsonValue& entry : head.Find("files")->array()) {
    const std::string path = "$.files[" + std::to_string(names.size()) + "]";
    const JsonValue& name = *entry.Find("name");
    if (!names.insert(WithoutCase(name.string())).second) {
      return RefuseMember(file, path + ".name", "a name that no earlier file has, in any case",
                          &name);
    }
    REPRISE_TRY(ReadFileHashes(entry, path, file));
  }
  return {};
}

}  // namespace

Result<std::string> WriteCheckpointHead(std::string_view parts, std::string_view runtime,
                                        int64_t numerics_version) {
  REPRISE_ASSIGN(const JsonValue root, ParseJsonView(parts, "HEAD"));
  if (!root.is_object()) return RefuseMember("HEAD", "$", "an object", &root);
  const auto write = [&](std::string_view hash) {
    JsonWriter json(JsonWriter::Layout::kIndented);
    json.BeginObject().Key("format").String(kFormat).Key("version").Int(1);
    json.Key("runtime").String(runtime).Key("numericsVersion").Int(numerics_version);
    for (const auto& [name, value] : root.object()) json.Key(name).Raw(CanonicalJson(value));
    json.Key(kOwnHash).String(hash).EndObject();
    return std::move(json).Take() + "\n";
  };
  const std::string unhashed = write("");
  // Parts may have a member twice with what stands here.
  REPRISE_ASSIGN(const JsonValue head, ParseJsonView(unhashed, "HEAD"));
  std::string text = write(OwnHash(head));
  REPRISE_TRY(CheckCheckpointHead(text, "HEAD"));
  return text;
}

Result<std::string> CheckCheckpointHead(std::string_view json, std::string_view file) {
  REPRISE_ASSIGN(const JsonValue head, ParseJsonView(json, file));
  REPRISE_TRY(CheckDocument(head, kFormat, file));
  std::string expected = OwnHash(head);
  const JsonValue* found = head.Find(kOwnHash);
  const std::string words = found == nullptr ? "no hash" : CanonicalJson(*found);
  if (found == nullptr || !found->is_string() || found->string() != expected) {
    return Fail(
        Error(ErrorCode::kHashMismatch, std::string(file) + ": its contents have the SHA-256 " +
                                            expected + ", and it says " + words)
            .With("file", file)
            .With("path", "$.sha256")
            .With("expected", expected)
            .With("found", found != nullptr && found->is_string() ? found->string()
                                                                  : std::string_view(words)));
  }
  REPRISE_TRY(CheckContent(head, file));
  return expected;
}

}  // namespace reprise
