#include "base/sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace reprise {
namespace {

TEST(Sort, AgreesWithTheStandardLibrary) {
  std::mt19937_64 random(7);
  for (size_t size = 0; size < 200; ++size) {
    std::vector<uint64_t> numbers(size);
    for (uint64_t& number : numbers) number = random() % (size + 1);
    std::vector<std::string> words;
    for (const uint64_t number : numbers) words.push_back(std::string(number % 3, 'a') + "é");
    std::vector<NumberedText> texts;
    for (size_t i = 0; i < size; ++i) texts.emplace_back(words[i], static_cast<int32_t>(size - i));
    std::vector<uint64_t> sorted_numbers = numbers;
    std::vector<NumberedText> sorted_texts = texts;
    std::ranges::sort(sorted_numbers);
    std::ranges::sort(sorted_texts);
    Sort(numbers);
    Sort(texts);
    EXPECT_EQ(numbers, sorted_numbers);
    EXPECT_EQ(texts, sorted_texts);
  }
}

}  // namespace
}  // namespace reprise
