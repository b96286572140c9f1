#include "run/run_config.h"

#include "base/json_reader.h"
#include "base/json_words.h"
#include "hash/canonical_json.h"
#include "model/config.h"
#include "run/json_schema.h"
#include "run/schemas.h"

namespace reprise {
namespace {

// Members of the plan that nothing reads yet. To pass over them would be to run something else.
struct LaterMember {
  std::string_view name, comes_with;
};
constexpr LaterMember kLater[] = {{"dataset", "datasets"}, {"training", "training"}};

Status RefuseLaterMembers(const JsonValue& root, std::string_view file) {
  for (const LaterMember& later : kLater) {
    const JsonValue* found = root.Find(later.name);
    if (found == nullptr) continue;
    const std::string path = "$." + std::string(later.name);
    return Fail(Error(ErrorCode::kUnsupported,
                      std::string(file) + ": " + path + " comes with " +
                          std::string(later.comes_with) +
                          " and is not in this version; it must be absent, found " + InWords(found))
                    .With("file", file)
                    .With("path", path)
                    .With("expected", "absent")
                    .With("found", InWords(found)));
  }
  return {};
}

}  // namespace

Result<std::string> CheckRunConfig(std::string_view json, std::string_view file) {
  REPRISE_ASSIGN(const JsonValue root, ParseJsonView(json, file));
  if (!root.is_object()) return RefuseMember(file, "$", "an object", &root);
  REPRISE_TRY(CheckVersion(root, file));
  REPRISE_TRY(RefuseLaterMembers(root, file));
  REPRISE_TRY(CheckSchema(root, kRunConfigSchema, file));
  if (const JsonValue* config = root.Find("model")->Find("config")) {
    REPRISE_TRY(ReadModelConfig(*config, file, "$.model.config"));
  }
  return HashJson(json, file);
}

}  // namespace reprise
