// The calls of reprise.h on what runs are recorded with.
#include <string>

#include "capi/context.h"
#include "capi/reprise.h"
#include "hash/canonical_json.h"

int32_t reprise_hash_json(reprise_context* context, const char* json, size_t json_size,
                          const char* file, size_t file_size) {
  return context->Run([&]() -> reprise::Result<int32_t> {
    REPRISE_ASSIGN(std::string hash, reprise::HashJson({json, json_size}, {file, file_size}));
    context->Answer(std::move(hash));
    return 0;
  });
}
