// The whole tokenizers of the reference material against Hugging Face's results and those of other
// peers, where the material is there. docs/plan/tokenizers.md says which of the peers' results are
// not compared, and why.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/tokenizer_results.h"
#include "unicode/normalization.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

using TokenizerPtr = std::shared_ptr<const Tokenizer>;

// A peer's results for one of the tokenizers.
struct Peer {
  enum Kind { kLlamaCpp, kKitoken, kSwiftText, kSwiftCases };
  const char* tokenizer;
  Kind kind;
  const char* name;
};

constexpr Peer kPeers[] = {
    {"bert-base-uncased", Peer::kLlamaCpp, "bert-bge"},
    {"falcon-tokenizer", Peer::kLlamaCpp, "falcon"},
    {"gpt2", Peer::kLlamaCpp, "gpt-2"},
    {"llama3_2", Peer::kLlamaCpp, "llama-bpe"},
    {"phi-3-mini", Peer::kLlamaCpp, "phi-3"},
    {"qwen2_5", Peer::kLlamaCpp, "qwen2"},
    {"roberta-base", Peer::kLlamaCpp, "roberta-bpe"},
    {"bert_base_cased", Peer::kKitoken, "tokenizers/ bert_base_cased"},
    {"clip_base", Peer::kKitoken, "tokenizers/ clip_base"},
    {"deepseek_v3", Peer::kKitoken, "tokenizers/ r1"},
    {"gemma3", Peer::kKitoken, "tokenizers/ gemma3"},
    {"gemma3", Peer::kKitoken, "sentencepiece/ gemma3"},
    {"gpt2", Peer::kKitoken, "tokenizers/ gpt2"},
    {"gpt4", Peer::kKitoken, "tiktoken/ cl100k_base"},
    {"gpt4o", Peer::kKitoken, "tiktoken/ o200k_base"},
    {"gpt_neox", Peer::kKitoken, "tokenizers/ gpt_neox"},
    {"llama3_2", Peer::kKitoken, "tokenizers/ llama32"},
    {"mistral03", Peer::kKitoken, "tokenizers/ mistral03"},
    {"mistral_nemo", Peer::kKitoken, "tokenizers/ mistral2410"},
    {"xlnet_base_cased", Peer::kKitoken, "tokenizers/ xlnet_base_cased"},
    {"bert-base-uncased", Peer::kSwiftText, "bert_uncased_encoded"},
    {"falcon-tokenizer", Peer::kSwiftText, "falcon_encoded"},
    {"gemma", Peer::kSwiftText, "gemma_encoded"},
    {"gpt2", Peer::kSwiftText, "gpt2_encoded_tokens"},
    {"llama3_2", Peer::kSwiftText, "llama_3.2_encoded"},
    {"t5-small", Peer::kSwiftText, "t5_base_encoded"},
    {"bert-base-uncased", Peer::kSwiftCases, "bert-base-uncased"},
    {"bert-base-uncased", Peer::kSwiftCases, "google-bert/bert-base-uncased"},
    {"falcon-tokenizer", Peer::kSwiftCases, "tiiuae/falcon-7b"},
    {"gemma", Peer::kSwiftCases, "pcuenq/gemma-tokenizer"},
    {"gpt2", Peer::kSwiftCases, "distilgpt2"},
    {"llama3_2", Peer::kSwiftCases, "pcuenq/Llama-3.2-1B-Instruct-tokenizer"},
    {"t5-small", Peer::kSwiftCases, "t5-base"},
};

std::vector<std::string> SplitText(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  size_t done = 0;
  for (size_t at = text.find(separator); at != std::string::npos; at = text.find(separator, done)) {
    parts.push_back(text.substr(done, at - done));
    done = at + separator.size();
  }
  parts.push_back(text.substr(done));
  return parts;
}

void Replace(std::string& text, const std::string& sought, const std::string& replacement) {
  std::string joined;
  for (const std::string& part : SplitText(text, sought)) joined += replacement + part;
  text = joined.substr(replacement.size());
}

std::vector<int32_t> ReadIds(std::string line) {
  std::replace(line.begin(), line.end(), ',', ' ');
  std::istringstream in(line);
  std::vector<int32_t> ids;
  for (int32_t id; in >> id;) ids.push_back(id);
  return ids;
}

// Ids without special tokens, one line a text.
void ExpectLines(const TokenizerPtr& tokenizer, const std::vector<std::string>& texts,
                 const std::string& ids_path) {
  const auto lines = SplitText(ReadTestFile(ids_path), "\n");
  ASSERT_GE(lines.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(tokenizer->Encode(texts[i], false).value(), ReadIds(lines[i])) << texts[i];
  }
}

void ExpectLlamaCpp(const TokenizerPtr& tokenizer, const std::string& path) {
  ExpectLines(tokenizer, SplitText(ReadTestFile(path + ".inp"), "\n__ggml_vocab_test__\n"),
              path + ".out");
}

// The name is a folder and the ending of its files. Two inputs have a text a line, with escapes;
// the third is one text.
void ExpectKitoken(const TokenizerPtr& tokenizer, const std::string& data,
                   const std::string& name) {
  const size_t space = name.find(' ');
  const auto ids_path = [&](const std::string& input) {
    return data + "/" + name.substr(0, space) + input + "_tokens_" + name.substr(space + 1) +
           ".txt";
  };
  for (const std::string input : {"small", "mixed"}) {
    std::vector<std::string> texts =
        SplitText(ReadTestFile(data + "/" + input + "_input.txt"), "\n");
    for (std::string& text : texts) {
      Replace(text, "\\n", "\n");
      Replace(text, "\\s", " ");
    }
    ExpectLines(tokenizer, texts, ids_path(input));
  }
  EXPECT_EQ(tokenizer->Encode(ReadTestFile(data + "/utf8_input.txt"), false).value(),
            ReadIds(ReadTestFile(ids_path("utf8"))));
}

void ExpectSwiftText(const TokenizerPtr& tokenizer, const std::string& path) {
  const JsonValue result = ReadJson(path);
  EXPECT_EQ(tokenizer->Encode(result.Find("text")->string(), true).value(),
            Ids(*result.Find("token_ids")));
}

void ExpectSwiftCases(const TokenizerPtr& tokenizer, const std::string& path,
                      const std::string& name) {
  const JsonValue all = ReadJson(path);
  ASSERT_GT(all.Find(name)->array().size(), 0u);
  for (const JsonValue& entry : all.Find(name)->array()) {
    const std::string_view text = entry.Find("input")->string();
    EXPECT_EQ(tokenizer->Encode(text, true).value(), Ids(*entry.Find("encoded")->Find("input_ids")))
        << text;
  }
}

void ExpectPeer(const TokenizerPtr& tokenizer, const std::string& folder, const Peer& peer) {
  SCOPED_TRACE(peer.name);
  const std::string name = peer.name;
  switch (peer.kind) {
    case Peer::kLlamaCpp:
      return ExpectLlamaCpp(tokenizer, folder + "/llama.cpp/ggml-vocab-" + name + ".gguf");
    case Peer::kKitoken:
      return ExpectKitoken(tokenizer, folder + "/kitoken/data", name);
    case Peer::kSwiftText:
      return ExpectSwiftText(tokenizer, folder + "/swift-transformers/" + name + ".json");
    case Peer::kSwiftCases:
      return ExpectSwiftCases(tokenizer, folder + "/swift-transformers/tokenizer_tests.json", name);
  }
}

class WholeTokenizer : public testing::TestWithParam<const char*> {};

TEST_P(WholeTokenizer, GivesThePeersIdsAndTexts) {
  const std::string name = GetParam();
  const std::string folder = ReferencePath("tokenizers");
  const std::string conformance = ReferencePath("conformance");
  if (folder.empty() || conformance.empty()) return;
  const auto tokenizer = ReadTokenizer(folder + "/" + name + "/tokenizer.json");
  ASSERT_NE(tokenizer, nullptr);
  const JsonValue expected = ReadJson(folder + "/" + name + "/expected.json");
  EXPECT_EQ(tokenizer->vocab_size(), expected.Find("vocab_size")->integer());
  ExpectResults(tokenizer, ReadJson(folder + "/strings.json"), expected, kReferenceLists);
  ExpectResults(tokenizer, ReadJson(conformance + "/hf-offsets/inputs.json"),
                ReadJson(conformance + "/hf-offsets/" + name + ".json"),
                {"ids", "ids_special", "decode", "decode_skip_special"});
  const JsonValue inputs = ReadJson(conformance + "/hf-offsets/inputs.json");
  const JsonValue results = ReadJson(conformance + "/hf-offsets/" + name + ".json");
  ASSERT_EQ(results.Find("offsets")->array().size(), inputs.array().size());
  for (size_t i = 0; i < inputs.array().size(); ++i) {
    ExpectOffsets(tokenizer, inputs.array()[i].string(), false,
                  results.Find("offsets")->array()[i]);
  }
  for (const Peer& peer : kPeers) {
    if (peer.tokenizer == name) ExpectPeer(tokenizer, conformance, peer);
  }
}

std::string TestName(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace_if(name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Conformance, WholeTokenizer,
                         testing::Values("baichuan2", "bert-base-uncased", "bert_base_cased",
                                         "clip_base", "deepseek_v3", "falcon-tokenizer", "gemma",
                                         "gemma3", "gpt2", "gpt4", "gpt4o", "gpt_neox", "internlm2",
                                         "llama2", "llama3_2", "mistral03", "mistral_nemo", "nmt",
                                         "phi-2", "phi-3-mini", "qwen2_5", "qwen3", "roberta-base",
                                         "smollm", "t5-small", "whisper.tiny", "xlnet_base_cased",
                                         "yi"),
                         TestName);

// None of the folders is missing from the list above.
TEST(TokenizerConformance, EveryFolderIsCompared) {
  const std::string folder = ReferencePath("tokenizers");
  if (folder.empty()) return;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_directory()) ++count;
  }
  EXPECT_EQ(count, 28);
}

// SentencePiece's tables of rules: a sequence of code points and what it becomes.
TEST(TokenizerConformance, NormalizationAgreesWithSentencePiecesTables) {
  const std::string folder = ReferencePath("conformance/sentencepiece");
  if (folder.empty()) return;
  const auto text_of = [](const std::string& codes) {
    std::istringstream in(codes);
    std::string text;
    for (uint32_t c; in >> std::hex >> c;) AppendUtf8(c, text);
    return text;
  };
  const auto expect_table = [&](const std::string& name, NormalizationForm form, size_t rules) {
    size_t count = 0;
    for (const std::string& line : SplitText(ReadTestFile(folder + name), "\n")) {
      if (line.empty()) continue;
      const auto fields = SplitText(line.substr(0, line.find('#')), "\t");
      ASSERT_GE(fields.size(), 2u) << line;
      EXPECT_EQ(Normalize(text_of(fields[0]), form), text_of(fields[1])) << line;
      ++count;
    }
    EXPECT_EQ(count, rules);
  };
  expect_table("/nfc.tsv", NormalizationForm::kNfc, 13655);
  expect_table("/nfkd.tsv", NormalizationForm::kNfkd, 17029);
}

}  // namespace
}  // namespace reprise
