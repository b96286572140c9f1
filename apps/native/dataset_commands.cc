#include "apps/native/dataset_commands.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/native/arguments.h"
#include "apps/native/core.h"
#include "apps/native/dataset_config.h"
#include "apps/native/run_commands.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "capi/reprise.h"

namespace reprise::native {
namespace {

struct DatasetFile {
  std::string path;
  std::string format;
  std::string members;  // further options on how rows are found, each after a comma
  std::optional<bool> has_header;
  size_t piece_bytes;
};

// As it is given, else by the end of the name.
Result<std::string> FormatOf(const Core& core, const std::string& path,
                             const Arguments& arguments) {
  JsonWriter json;
  json.BeginObject().Key("files").BeginArray().String(path).EndArray();
  if (arguments.Has("format")) json.Key("format").String(arguments.Text("format"));
  json.EndObject();
  const std::string options = std::move(json).Take();
  REPRISE_TRY(core.Check(reprise_dataset_format(core.get(), options.data(), options.size())));
  REPRISE_ASSIGN(const JsonValue root, ParseJson(core.result(), "format"));
  return std::string(root.Find("format")->string());
}

Result<DatasetFile> FileOf(const Core& core, const std::string& path, const Arguments& arguments,
                           const DatasetConfig& config) {
  DatasetFile file{.path = path,
                   .format = config.format,
                   .members = config.members,
                   .has_header = config.has_header,
                   .piece_bytes = 0};
  if (file.format.empty() || arguments.Has("format")) {
    REPRISE_ASSIGN(file.format, FormatOf(core, path, arguments));
  }
  REPRISE_ASSIGN(const int64_t piece, arguments.Integer("piece", 1 << 20));
  if (piece < 1) return RefuseArgument("--piece", "at least 1 byte", std::to_string(piece));
  file.piece_bytes = static_cast<size_t>(piece);
  return file;
}

std::string FormatMembers(const DatasetFile& file) {
  JsonWriter json;
  json.BeginObject().Key("file").String(file.path).Key("format").String(file.format).EndObject();
  std::string text = std::move(json).Take();
  text.pop_back();
  return text + file.members;
}

// Gives the file to a reader or sample, piece by piece, until `take` says that it has enough.
Status PushFile(const Core& core, const DatasetFile& file, int32_t object,
                const std::function<Result<bool>(int32_t)>& take) {
  std::ifstream in(file.path, std::ios::binary);
  if (!in) {
    return Fail(
        Error(ErrorCode::kNotFound, "there is no file " + file.path).With("file", file.path));
  }
  std::vector<char> piece(file.piece_bytes);
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto size = static_cast<size_t>(in.gcount());
    if (size == 0) break;
    const auto* const bytes = reinterpret_cast<const uint8_t*>(piece.data());
    REPRISE_ASSIGN(const int32_t waiting,
                   core.Check(reprise_dataset_push(core.get(), object, bytes, size)));
    REPRISE_ASSIGN(const bool has_enough, take(waiting));
    if (has_enough) return {};
  }
  if (in.bad()) {
    return Fail(Error(ErrorCode::kIo, file.path + " cannot be read").With("file", file.path));
  }
  REPRISE_ASSIGN(const int32_t waiting, core.Check(reprise_dataset_finish(core.get(), object)));
  REPRISE_TRY(take(waiting));
  return {};
}

struct Inferred {
  std::string schema;
  bool has_header = true;
};

Result<Inferred> Infer(const Core& core, const DatasetFile& file) {
  std::string options = FormatMembers(file);
  if (file.has_header) options += *file.has_header ? ",\"header\":true" : ",\"header\":false";
  options += "}";
  REPRISE_ASSIGN(const int32_t sample, core.Check(reprise_dataset_sample_create(
                                           core.get(), options.data(), options.size())));
  REPRISE_TRY(
      PushFile(core, file, sample, [](int32_t is_full) -> Result<bool> { return is_full != 0; }));
  REPRISE_TRY(core.Check(reprise_dataset_sample_schema(core.get(), sample)));
  REPRISE_ASSIGN(const JsonValue root, ParseJson(core.result(), "schema"));
  Inferred inferred;
  inferred.has_header = file.has_header.value_or(root.Find("header")->boolean());
  const std::string_view text = core.result();
  // The member as it was written: what comes before ,"header".
  const size_t begin = text.find(":") + 1;
  inferred.schema = text.substr(begin, text.rfind(",\"header\"") - begin);
  return inferred;
}

struct ReadRows {
  int64_t rows = 0;
  std::vector<uint8_t> digests;
};

Result<ReadRows> Read(const Core& core, const DatasetFile& file, const Inferred& inferred) {
  std::string options = FormatMembers(file) + ",\"digests\":true";
  if (file.format == "csv" || file.format == "tsv") {
    options += inferred.has_header ? ",\"header\":true" : ",\"header\":false";
  }
  options += "}";
  REPRISE_ASSIGN(const int32_t reader,
                 core.Check(reprise_dataset_reader_create(core.get(), inferred.schema.data(),
                                                          inferred.schema.size(), options.data(),
                                                          options.size())));
  ReadRows read;
  const auto take = [&](int32_t waiting) -> Result<bool> {
    if (waiting == 0) return false;
    REPRISE_ASSIGN(const int32_t rows, core.Check(reprise_dataset_take(core.get(), reader)));
    read.rows += rows;
    // Of the last part, the digests, where it begins and its bytes.
    const std::string_view parts = core.result();
    uint64_t part[2];
    std::memcpy(part, parts.data() + parts.size() - sizeof(part), sizeof(part));
    const auto* const digests = reinterpret_cast<const uint8_t*>(static_cast<uintptr_t>(part[0]));
    read.digests.insert(read.digests.end(), digests, digests + part[1]);
    return false;
  };
  REPRISE_TRY(PushFile(core, file, reader, take));
  return read;
}

Result<std::string> HashOf(const Core& core, std::span<const uint8_t> digests) {
  REPRISE_TRY(core.Check(reprise_dataset_hash(core.get(), digests.data(), digests.size())));
  return std::string(core.result());
}

// "train=0.8,test=0.2" as the names and numbers of the C interface, each after a comma.
Result<std::string> RatiosOf(const Arguments& arguments) {
  REPRISE_ASSIGN(const std::string ratios, arguments.Needed("ratios"));
  JsonWriter names;
  std::string numbers;
  names.BeginArray();
  std::string_view rest = ratios;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const size_t equals = pair.rfind('=');
    if (equals == std::string_view::npos) {
      return RefuseArgument("--ratios", "NAME=NUMBER with commas between", std::string(pair));
    }
    names.String(pair.substr(0, equals));
    numbers += (numbers.empty() ? "" : ",") + std::string(pair.substr(equals + 1));
  }
  names.EndArray();
  return ",\"names\":" + std::move(names).Take() + ",\"ratios\":[" + numbers + "]";
}

// What is said here comes before what the config says.
Result<std::string> SplitOptionsOf(const Arguments& arguments, const DatasetConfig& config,
                                   int64_t seed, int64_t rows) {
  std::string shares = config.shares;
  if (shares.empty() || arguments.Has("ratios")) {
    REPRISE_ASSIGN(shares, RatiosOf(arguments));
  }
  return "{\"seed\":" + std::to_string(seed) + ",\"rows\":" + std::to_string(rows) +
         ",\"method\":\"" + config.method + "\"" + shares + "}";
}

// {"NAME": {"rows", "hash"}, …}.
Result<std::string> Split(const Core& core, const Arguments& arguments, const DatasetConfig& config,
                          int64_t seed, const ReadRows& read) {
  REPRISE_ASSIGN(const std::string options, SplitOptionsOf(arguments, config, seed, read.rows));
  REPRISE_ASSIGN(const int32_t job,
                 core.Check(reprise_dataset_split(core.get(), options.data(), options.size())));
  if (config.method == "content") {
    REPRISE_TRY(core.Check(
        reprise_dataset_split_push(core.get(), job, read.digests.data(), read.digests.size())));
  }
  REPRISE_TRY(core.Run(job, [](const JsonValue&) { return Status(); }));
  REPRISE_TRY(core.Check(reprise_job_values(core.get(), job)));
  const std::string result(core.result());
  REPRISE_TRY(core.Check(reprise_release(core.get(), job)));
  std::vector<uint32_t> words(result.size() / 4);
  std::memcpy(words.data(), result.data(), result.size());
  REPRISE_ASSIGN(const JsonValue parsed, ParseJson(options, "options"));
  const auto names = parsed.Find("names")->array();
  JsonWriter json;
  json.BeginObject();
  size_t at = names.size();
  for (size_t part = 0; part < names.size(); ++part) {
    std::vector<uint8_t> digests;
    for (uint32_t i = 0; i < words[part]; ++i) {
      const uint8_t* const digest = read.digests.data() + size_t{words[at + i]} * 32;
      digests.insert(digests.end(), digest, digest + 32);
    }
    at += words[part];
    REPRISE_ASSIGN(const std::string hash, HashOf(core, digests));
    json.Key(names[part].string()).BeginObject().Key("rows").Int(words[part]);
    json.Key("hash").String(hash).EndObject();
  }
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace

Status Dataset(std::span<const char* const> words) {
  const std::string_view what = words.empty() ? "" : words[0];
  const bool has_file = words.size() > 1 && !std::string_view(words[1]).starts_with("--");
  const std::string_view valued[] = {"config", "format", "piece", "ratios", "seed", "threads"};
  REPRISE_ASSIGN(const Arguments arguments,
                 Arguments::Parse(words.subspan(std::min(words.size(), size_t{has_file ? 2U : 1U})),
                                  valued, {}));
  if ((what != "inspect" && what != "split") || (!has_file && !arguments.Has("config"))) {
    return Fail(ErrorCode::kInvalidArgument,
                "expected inspect or split, and a file or --config FILE");
  }
  REPRISE_ASSIGN(const auto core, OpenCore(arguments));
  DatasetConfig config;
  if (arguments.Has("config")) {
    REPRISE_ASSIGN(config, ReadDatasetConfig(*core, std::string(arguments.Text("config"))));
  }
  REPRISE_ASSIGN(const DatasetFile file,
                 FileOf(*core, has_file ? words[1] : config.path, arguments, config));
  Inferred inferred{.schema = config.schema, .has_header = config.has_header.value_or(true)};
  if (inferred.schema.empty()) {
    REPRISE_ASSIGN(inferred, Infer(*core, file));
  }
  REPRISE_ASSIGN(const ReadRows read, Read(*core, file, inferred));
  REPRISE_ASSIGN(const std::string hash, HashOf(*core, read.digests));
  JsonWriter json;
  json.BeginObject().Key("rows").Int(read.rows).Key("hash").String(hash);
  json.Key("schema").Raw(inferred.schema);
  if (what == "split") {
    REPRISE_ASSIGN(const int64_t seed, arguments.Seed(config.seed));
    REPRISE_ASSIGN(const std::string splits, Split(*core, arguments, config, seed, read));
    json.Key("seed").Int(seed).Key("splits").Raw(splits);
  }
  json.EndObject();
  PrintLine(std::move(json).Take());
  return {};
}

}  // namespace reprise::native
