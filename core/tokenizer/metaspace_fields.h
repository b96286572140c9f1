// The options of Metaspace, which is a pre-tokenizer and a decoder.
#pragma once

#include <cstdint>
#include <string>

#include "tokenizer/json_fields.h"

namespace reprise {

// Which words get the replacement in front of them.
enum class PrependScheme : uint8_t { kFirst, kNever, kAlways };

struct MetaspaceFields {
  std::string replacement;  // what stands for a space; one character
  PrependScheme scheme = PrependScheme::kAlways;
  bool splits = true;

  // Files of older versions say add_prefix_space and str_rep; the former may forbid what
  // prepend_scheme asks for.
  static MetaspaceFields Parse(const JsonFields& fields);
};

}  // namespace reprise
