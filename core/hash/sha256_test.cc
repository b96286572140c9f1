#include "hash/sha256.h"

#include <gtest/gtest.h>

#include <string_view>

namespace reprise {
namespace {

std::span<const uint8_t> Bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string HashOf(std::string_view text, Sha256Engine engine = AvailableSha256Engines().back()) {
  Sha256 hash(engine);
  hash.Update(Bytes(text));
  return ToHex(hash.Finish());
}

// The examples that NIST publishes beside FIPS 180-4.
TEST(Sha256, GivesNistExamples) {
  const std::string_view medium = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (const Sha256Engine engine : AvailableSha256Engines()) {
    SCOPED_TRACE(static_cast<int>(engine));
    EXPECT_EQ(HashOf("", engine),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(HashOf("abc", engine),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(HashOf(medium, engine),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(HashOf(std::string(1000000, 'a'), engine),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST(Sha256, DoesNotDependOnThePieces) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  for (size_t length = 0; length <= text.size(); ++length) {
    const std::string_view part = std::string_view(text).substr(0, length);
    Sha256 pieces;
    for (size_t at = 0, step = 1; at < part.size(); at += step, step = step % 67 + 1) {
      pieces.Update(Bytes(part.substr(at, step)));
    }
    ASSERT_EQ(ToHex(pieces.Finish()), HashOf(part, Sha256Engine::kPortable)) << length;
  }
}

}  // namespace
}  // namespace reprise
