#include "run/run_config.h"

#include "base/json_reader.h"
#include "base/json_words.h"
#include "hash/canonical_json.h"
#include "model/config.h"
#include "run/dataset_section.h"
#include "run/json_schema.h"
#include "run/schemas.h"

namespace reprise {
namespace {

// Nothing reads a member training yet. To pass over it would be to run something else.
Status RefuseTraining(const JsonValue& root, std::string_view file) {
  const JsonValue* found = root.Find("training");
  if (found == nullptr) return {};
  constexpr std::string_view kPath = "$.training";
  return Fail(Error(ErrorCode::kUnsupported,
                    std::string(file) + ": " + std::string(kPath) +
                        " is not in this version; it must be absent, found " + InWords(found))
                  .With("file", file)
                  .With("path", kPath)
                  .With("expected", "absent")
                  .With("found", InWords(found)));
}

// What a later version of dataset schemas is cannot be said by this one.
Status CheckSchemaVersion(const JsonValue& root, std::string_view file) {
  const JsonValue* dataset = root.Find("dataset");
  const JsonValue* schema = dataset ? dataset->Find("schema") : nullptr;
  if (schema == nullptr || !schema->is_object()) return {};
  return CheckVersion(*schema, file, "$.dataset.schema");
}

}  // namespace

Result<std::string> CheckRunConfig(std::string_view json, std::string_view file) {
  REPRISE_ASSIGN(const JsonValue root, ParseJsonView(json, file));
  if (!root.is_object()) return RefuseMember(file, "$", "an object", &root);
  REPRISE_TRY(CheckVersion(root, file));
  REPRISE_TRY(RefuseTraining(root, file));
  REPRISE_TRY(CheckSchemaVersion(root, file));
  REPRISE_TRY(CheckSchema(root, kRunConfigSchema, file));
  const JsonValue* model = root.Find("model");
  if (const JsonValue* config = model ? model->Find("config") : nullptr) {
    REPRISE_TRY(ReadModelConfig(*config, file, "$.model.config"));
  }
  if (const JsonValue* dataset = root.Find("dataset")) {
    REPRISE_TRY(CheckDatasetSection(*dataset, file));
  }
  return HashJson(json, file);
}

}  // namespace reprise
