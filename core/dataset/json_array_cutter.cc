// Finds the elements of a JSON array in a file that need not lie in memory whole.
#include <bit>

#include "base/byte_block.h"
#include "base/json_words.h"
#include "dataset/json_cursor.h"
#include "dataset/json_rows.h"
#include "dataset/text_rows.h"
#include "unicode/utf8.h"

namespace reprise {
namespace {

class JsonArrayCutter final : public TextRowCutter {
 public:
  JsonArrayCutter(std::vector<std::string> path, TextRowHandler* handler)
      : TextRowCutter(handler), path_(std::move(path)) {}

 private:
  enum class State : uint8_t {
    kValue,  // an object on the way, or the array
    kName,   // of a member, or the end of an object without any
    kColon,
    kOtherValue,  // of a member that is not on the way
    kAfterMember,
    kFirstElement,  // or the array's end
    kElement,
    kAfterElement,
    kEnd,
  };

  Status Cut(bool at_end) override {
    while (true) {
      SkipSpace();
      if (at_ == input_.size()) break;
      REPRISE_ASSIGN(const bool goes_on, Step(at_end));
      if (!goes_on) break;
    }
    if (at_end && (state_ != State::kEnd || at_ < input_.size())) {
      return handler_->Refuse(ByteAt(input_.size()), Expected(), "the end of the file");
    }
    input_.Drop(at_);
    scanned_ -= std::min(scanned_, at_);
    at_ = 0;
    return {};
  }

  // One part of the text; false where its end is still to come.
  Result<bool> Step(bool at_end) {
    const char c = static_cast<char>(input_.data()[at_]);
    switch (state_) {
      case State::kValue:
        return Open(c);
      case State::kColon:
        return Move(c == ':', is_on_way_ ? State::kValue : State::kOtherValue);
      case State::kAfterMember:
        if (c == '}') return CloseObject();
        return Move(c == ',', State::kName);
      case State::kAfterElement:
        if (c == ']') return CloseArray();
        return Move(c == ',', State::kElement);
      case State::kEnd:
        return Move(false, State::kEnd);
      case State::kFirstElement:
        if (c == ']') return CloseArray();
        break;
      case State::kName:
        if (c == '}' && is_first_) return CloseObject();
        if (c != '"') return Move(false, State::kName);
        break;
      case State::kOtherValue:
      case State::kElement:
        break;
    }
    const std::optional<size_t> end = FindValueEnd(at_end);
    if (!end) return false;
    const std::string_view value = input_.Text(at_, *end);
    REPRISE_TRY(TakeValue(value));
    at_ = *end;
    return true;
  }

  Status TakeValue(std::string_view value) {
    if (state_ == State::kElement || state_ == State::kFirstElement) {
      // A byte that begins no value is not an element, and what follows would not be found.
      if (value.empty()) return RefuseHere();
      state_ = State::kAfterElement;
      return Give(value, ByteAt(at_));
    }
    if (const auto invalid = FindInvalidUtf8(value)) {
      return handler_->Refuse(ByteAt(at_ + *invalid), "UTF-8", "other bytes");
    }
    JsonCursor json(value);
    if (state_ == State::kOtherValue) {
      if (!json.SkipValue() || !json.TakeEnd()) return RefuseJson(json);
      state_ = State::kAfterMember;
      return {};
    }
    JsonCursor::String name;
    if (!json.TakeString(&name) || !json.TakeEnd()) return RefuseJson(json);
    is_on_way_ = !is_found_ && Unescaped(name) == path_[depth_ - 1];
    state_ = State::kColon;
    return {};
  }

  Status RefuseHere() {
    // One byte, since how many more are there depends on the pieces they came in.
    const uint8_t byte = input_.data()[at_];
    const bool is_of_utf8 = byte < 0xF5 && byte != 0xC0 && byte != 0xC1;
    if (!is_of_utf8) return handler_->Refuse(ByteAt(at_), "UTF-8", "other bytes");
    return handler_->Refuse(ByteAt(at_), Expected(), FoundText(Waiting().substr(at_, 1)));
  }

  Status RefuseJson(const JsonCursor& json) {
    return handler_->Refuse(ByteAt(at_ + json.at()), json.expected(),
                            FoundJson(json.text().substr(json.at())));
  }

  Result<bool> Move(bool is_right, State next) {
    if (!is_right) REPRISE_TRY(RefuseHere());
    ++at_;
    is_first_ = false;
    state_ = next;
    return true;
  }

  Result<bool> Open(char c) {
    if (depth_ == path_.size()) return Move(c == '[', State::kFirstElement);
    REPRISE_ASSIGN(const bool goes_on, Move(c == '{', State::kName));
    ++depth_;
    is_first_ = true;
    return goes_on;
  }

  Result<bool> CloseArray() {
    is_found_ = true;
    return Move(true, depth_ == 0 ? State::kEnd : State::kAfterMember);
  }

  Result<bool> CloseObject() {
    if (!is_found_) {
      REPRISE_TRY(handler_->Refuse(ByteAt(at_), "a member " + QuotedJson(path_[depth_ - 1]),
                                   "the end of the object"));
    }
    --depth_;
    return Move(true, depth_ == 0 ? State::kEnd : State::kAfterMember);
  }

  std::string Expected() const {
    switch (state_) {
      case State::kValue:
        return depth_ == path_.size() ? "an array of rows" : "an object";
      case State::kName:
        return "a name in quotes";
      case State::kColon:
        return "a colon";
      case State::kAfterMember:
        return "a comma or }";
      case State::kAfterElement:
        return "a comma or ]";
      case State::kEnd:
        return "the end of the file";
      default:
        return "a JSON value";
    }
  }

  void SkipSpace() {
    const std::string_view text = Waiting();
    if (scanned_ > at_) return;  // in the middle of a value
    while (at_ < text.size() &&
           std::string_view(" \t\r\n").find(text[at_]) != std::string_view::npos) {
      ++at_;
    }
  }

  // Where the value ends that begins at at_. Only brackets and quotes are looked at: the row's
  // reader sees whether it is JSON.
  std::optional<size_t> FindValueEnd(bool at_end) {
    const std::string_view text = Waiting();
    if (scanned_ <= at_) {
      scanned_ = at_;
      level_ = 0;
      in_string_ = false;
    }
    while (scanned_ < text.size()) {
      if (in_string_) {
        if (!PassString(text)) return at_end ? End(text.size()) : std::nullopt;
        if (level_ == 0) return End(scanned_);
        continue;
      }
      const char c = text[scanned_];
      const bool is_close = c == '}' || c == ']';
      if (level_ == 0 &&
          (is_close || c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
        return End(scanned_);
      }
      ++scanned_;
      if (c == '"') in_string_ = true;
      if (c == '{' || c == '[') ++level_;
      if (is_close && --level_ == 0) return End(scanned_);
    }
    return at_end ? End(text.size()) : std::nullopt;
  }

  std::optional<size_t> End(size_t end) {
    scanned_ = 0;
    return end;
  }

  // Behind the quote that ends a string; false where that is still to come.
  bool PassString(std::string_view text) {
    const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
    while (scanned_ < text.size()) {
      if (text.size() - scanned_ >= kBlockBytes) {
        const ByteBlock block(bytes + scanned_);
        const uint64_t found = block.Equal('"') | block.Equal('\\');
        scanned_ += found == 0 ? kBlockBytes : static_cast<size_t>(std::countr_zero(found));
        if (found == 0) continue;
      }
      const char c = text[scanned_];
      if (c == '\\' && scanned_ + 1 == text.size()) return false;  // with what it escapes, later
      scanned_ += c == '\\' ? 2 : 1;
      if (c == '"') {
        in_string_ = false;
        return true;
      }
    }
    return false;
  }

  const std::vector<std::string> path_;
  State state_ = State::kValue;
  size_t depth_ = 0;  // objects that are open, all on the way
  bool is_first_ = false, is_on_way_ = false, is_found_ = false;
  size_t at_ = 0;
  // Of the value at at_: what was looked at, brackets that are open, and whether that ends in a
  // string.
  size_t scanned_ = 0;
  int64_t level_ = 0;
  bool in_string_ = false;
};

}  // namespace

std::unique_ptr<TextRowCutter> MakeJsonArrayCutter(std::vector<std::string> path,
                                                   TextRowHandler* handler) {
  return std::make_unique<JsonArrayCutter>(std::move(path), handler);
}

}  // namespace reprise
