// Manifests: what is written is read again, what is wrong is refused with its place.
#include "run/manifest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/byte_view.h"
#include "hash/canonical_json.h"
#include "hash/sha256.h"

namespace reprise {
namespace {

FileHashes Hash(std::string_view text, HashParts parts = HashParts::kBoth, size_t piece = 1 << 20) {
  FileHasher hasher(parts);
  for (size_t at = 0; at < text.size(); at += piece) {
    const std::string_view part = text.substr(at, piece);
    hasher.Update({reinterpret_cast<const uint8_t*>(part.data()), part.size()});
  }
  return hasher.Finish();
}

std::string Text(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

Manifest Sample() {
  Manifest manifest{.runtime = "1.2.3", .numerics_version = 1, .files = {}};
  manifest.files.push_back({"model.safetensors", FileRole::kWeights, Hash(Text(20 << 20))});
  manifest.files.push_back({"config.json", FileRole::kConfig, Hash("{}")});
  return manifest;
}

TEST(FileHasher, ChunksAreThoseOf8MiBWhateverThePieces) {
  const std::string text = Text((16 << 20) + 5);
  const FileHashes whole = Hash(text);
  EXPECT_EQ(whole.bytes, (16 << 20) + 5);
  ASSERT_EQ(whole.chunks.size(), 3u);
  EXPECT_EQ(whole.chunks[1], Hash(text.substr(8 << 20, 8 << 20), HashParts::kWhole).sha256);
  EXPECT_EQ(whole.chunks[2], Hash(text.substr(16 << 20), HashParts::kWhole).sha256);
  EXPECT_EQ(Hash(text, HashParts::kBoth, 999'983).chunks, whole.chunks);
  EXPECT_EQ(Hash(text, HashParts::kChunks, 1 << 22).chunks, whole.chunks);
  EXPECT_EQ(Hash(text, HashParts::kWhole).sha256, whole.sha256);
  EXPECT_EQ(Hash("").sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hash("", HashParts::kChunks).sha256, Hash("").sha256);
  EXPECT_EQ(Hash("abc", HashParts::kChunks).sha256, Hash("abc").sha256);
}

TEST(Manifest, IsReadAsItWasWritten) {
  const Manifest manifest = Sample();
  const auto read = ParseManifest(WriteManifest(manifest), "manifest.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->runtime, "1.2.3");
  ASSERT_EQ(read->files.size(), 2u);
  EXPECT_EQ(read->files[0].name, "config.json");
  EXPECT_EQ(read->files[1].role, FileRole::kWeights);
  EXPECT_EQ(read->files[1].hashes.chunks, manifest.files[0].hashes.chunks);
  EXPECT_EQ(WriteManifest(*read), WriteManifest(manifest));
}

TEST(Manifest, ChangedBytesAreRefusedWithBothHashes) {
  const Manifest manifest = Sample();
  std::string text = Text(20 << 20);
  EXPECT_TRUE(CheckHashes(manifest.files[0], Hash(text)));
  EXPECT_TRUE(CheckHashes(manifest.files[0], Hash(text, HashParts::kChunks)));
  text[(9 << 20) + 3] ^= 1;
  const FileHashes changed = Hash(text);
  const Status status = CheckHashes(manifest.files[0], changed);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kHashMismatch);
  EXPECT_EQ(*status.error().Text("file"), "model.safetensors");
  EXPECT_EQ(*status.error().Text("expected"), manifest.files[0].hashes.chunks[1]);
  EXPECT_EQ(*status.error().Text("found"), changed.chunks[1]);
  EXPECT_NE(status.error().message.find("from byte 8388608 to 16777216"), std::string::npos);

  const Status config = CheckHashes(manifest.files[1], Hash("{ }"));
  ASSERT_FALSE(config);
  EXPECT_EQ(*config.error().Text("expected"), Hash("{}").sha256);
  EXPECT_EQ(*config.error().Text("found"), Hash("{ }").sha256);
}

TEST(Manifest, OtherSizesAndNamesAreRefused) {
  const Manifest manifest = Sample();
  const std::string text = Text(20 << 20);
  for (const size_t size : {size_t{0}, size_t{8 << 20}, text.size() - 1}) {
    EXPECT_EQ(CheckHashes(manifest.files[0], Hash(text.substr(0, size))).error().code,
              ErrorCode::kHashMismatch)
        << size;
  }
  EXPECT_FALSE(CheckHashes(manifest.files[0], Hash(text + Text(16 << 20))));
  // Its size alone says nothing of a file, and right chunks nothing of a whole that is another.
  FileHashes hashes = Hash(text);
  hashes.sha256 = Hash("").sha256;
  EXPECT_EQ(CheckHashes(manifest.files[0], hashes).error().code, ErrorCode::kHashMismatch);
  hashes.sha256.clear();
  EXPECT_TRUE(CheckHashes(manifest.files[0], hashes));
  hashes.chunks.clear();
  EXPECT_FALSE(CheckHashes(manifest.files[0], hashes));
  EXPECT_EQ(manifest.Find("generation_config.json").error().code, ErrorCode::kHashMismatch);
  EXPECT_EQ(*manifest.Find("generation_config.json").error().Text("file"),
            "generation_config.json");
}

TEST(Manifest, HostileTextsAreRefusedWithThePath) {
  const std::string hash = Hash("").sha256;
  const auto file = [&](const std::string& members) {
    return R"({"format":"reprise-manifest","version":1,"runtime":"1","numericsVersion":1,"files":[{)" +
           members + "}]}";
  };
  const std::string good =
      R"("name":"a","role":"other","bytes":0,"sha256":")" + hash + "\",\"chunks\":[]";
  EXPECT_TRUE(ParseManifest(file(good), "m"));
  const auto replaced = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return file(text);
  };
  const std::pair<std::string, std::string_view> refusals[] = {
      {replaced("\"a\"", "\"../a\""), "$.files[0].name"},
      {replaced("\"a\"", "\"/etc/passwd\""), "$.files[0].name"},
      {replaced("\"a\"", "\"https://example.org/a\""), "$.files[0].name"},
      {replaced("\"other\"", "\"others\""), "$.files[0].role"},
      {replaced(":0,", ":-1,"), "$.files[0].bytes"},
      {replaced(":0,", ":9007199254740992,"), "$.files[0].bytes"},
      {replaced(":0,", ":9007199254740991,"), "$.files[0].chunks"},
      {replaced(":0,", ":\"0\","), "$.files[0].bytes"},
      {replaced(":0,", ":3,"), "$.files[0].chunks"},
      {replaced("[]", "[\"" + hash + "\"]"), "$.files[0].chunks"},
      {replaced("\"chunks\"", "\"source\":\"https://example.org\",\"chunks\""),
       "$.files[0].source"},
      {R"({"format":"reprise-manifest","version":1,"runtime":"1","numericsVersion":1,"files":[]})",
       "$.files"},
  };
  for (const auto& [json, path] : refusals) {
    const auto read = ParseManifest(json, "m");
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidConfig) << json;
    EXPECT_EQ(*read.error().Text("path"), path) << json;
  }
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(ParseManifest(deep, "m").error().code, ErrorCode::kInvalidJson);
  EXPECT_EQ(ParseManifest(file(good).substr(0, 90), "m").error().code, ErrorCode::kInvalidJson);
  const std::string twice = file(good + "},{" + good);
  EXPECT_EQ(*ParseManifest(twice, "m").error().Text("path"), "$.files[1].name");
}

TEST(WeightsHash, OfOneFileItsOwnOfSeveralInTheOrderGiven) {
  const std::string one = Hash("1").sha256, two = Hash("2").sha256;
  const auto hash = [](const std::vector<std::string>& files) { return WeightsHash(files); };
  EXPECT_EQ(hash({one}), one);
  EXPECT_EQ(hash({one, two}), *HashJson("[\"" + one + "\", \"" + two + "\"]", "list"));
  EXPECT_NE(hash({one, two}), hash({two, one}));
}

}  // namespace
}  // namespace reprise
