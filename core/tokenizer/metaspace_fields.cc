#include "tokenizer/metaspace_fields.h"

#include "unicode/utf8.h"

namespace reprise {

Result<MetaspaceFields> MetaspaceFields::Parse(const JsonFields& fields) {
  REPRISE_TRY(fields.OnlyFields(
      {"type", "replacement", "str_rep", "add_prefix_space", "prepend_scheme", "split"}));
  MetaspaceFields metaspace;
  REPRISE_ASSIGN(const char32_t replacement, fields.Character("replacement"));
  AppendUtf8(replacement, metaspace.replacement);
  if (fields.Find("prepend_scheme") != nullptr) {
    REPRISE_ASSIGN(const std::string scheme, fields.String("prepend_scheme"));
    if (scheme == "first") {
      metaspace.scheme = PrependScheme::kFirst;
    } else if (scheme == "never") {
      metaspace.scheme = PrependScheme::kNever;
    } else if (scheme != "always") {
      return fields.Expected("prepend_scheme", "first, never or always");
    }
  }
  REPRISE_ASSIGN(const bool add_prefix_space, fields.Boolean("add_prefix_space", true));
  // The scheme is "always" where the file names none: the reference library takes that, too, for a
  // contradiction.
  if (!add_prefix_space && metaspace.scheme != PrependScheme::kNever) {
    return fields.Invalid("add_prefix_space", "false needs prepend_scheme to be \"never\"");
  }
  REPRISE_ASSIGN(metaspace.splits, fields.Boolean("split", true));
  return metaspace;
}

}  // namespace reprise
