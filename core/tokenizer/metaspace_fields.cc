#include "tokenizer/metaspace_fields.h"

namespace reprise {

MetaspaceFields MetaspaceFields::Parse(const JsonFields& fields) {
  fields.OnlyFields("type replacement str_rep add_prefix_space prepend_scheme split");
  MetaspaceFields metaspace;
  metaspace.replacement = fields.Character("replacement");
  if (fields.Has("prepend_scheme")) {
    const std::string_view scheme = fields.String("prepend_scheme");
    if (scheme == "first") {
      metaspace.scheme = PrependScheme::kFirst;
    } else if (scheme == "never") {
      metaspace.scheme = PrependScheme::kNever;
    } else if (scheme != "always") {
      fields.Expected("prepend_scheme", "first, never or always");
    }
  }
  // The scheme is "always" where the file names none: the reference library takes that, too, for a
  // contradiction.
  if (!fields.Boolean("add_prefix_space", true) && metaspace.scheme != PrependScheme::kNever) {
    fields.Invalid("add_prefix_space", "false needs prepend_scheme to be \"never\"");
  }
  metaspace.splits = fields.Boolean("split", true);
  return metaspace;
}

}  // namespace reprise
