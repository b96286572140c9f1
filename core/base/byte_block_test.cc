#include "base/byte_block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace reprise {
namespace {

TEST(ByteBlock, SaysWhereBytesStand) {
  uint8_t bytes[256];
  std::iota(bytes, bytes + 256, uint8_t{0});
  for (size_t at = 0; at < 256; at += kBlockBytes) {
    const ByteBlock block(bytes + at);
    const auto expect = [&](uint64_t mask, const auto& holds, const char* what) {
      for (size_t i = 0; i < kBlockBytes; ++i) {
        EXPECT_EQ(mask >> i & 1, holds(bytes[at + i]) ? 1u : 0u) << what << " " << at + i;
      }
    };
    const auto is_between = [](uint8_t first, uint8_t last) {
      return [=](uint8_t byte) { return byte >= first && byte <= last; };
    };
    expect(block.Equal('x'), is_between('x', 'x'), "x");
    expect(block.Equal(0xC3), is_between(0xC3, 0xC3), "a byte beyond ASCII");
    expect(block.NotAscii(), is_between(0x80, 0xFF), "beyond ASCII");
    expect(block.Control(), is_between(0, 0x1F), "control");
    expect(
        block.Letters(),
        [&](uint8_t byte) { return is_between('a', 'z')(byte) || is_between('A', 'Z')(byte); },
        "a letter");
    for (const auto& [first, last] :
         {std::pair<uint8_t, uint8_t>('0', '9'), {0, 0}, {0x7F, 0x7F}}) {
      expect(block.Between(first, last), is_between(first, last), "between");
    }
    expect(block.Between('\t', '\r'), is_between('\t', '\r'), "white space");
  }
}

}  // namespace
}  // namespace reprise
