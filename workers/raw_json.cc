#include "raw_json.h"

namespace millrace::worker {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks over valid JSON, part by part.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ >= text_.size(); }

  char Peek() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
    return AtEnd() ? '\0' : text_[at_];
  }

  void Skip() {
    Peek();
    ++at_;
  }

  // The value that starts here, whatever it is; moves behind it.
  std::string_view Value() {
    Peek();
    const size_t start = at_;
    int depth = 0;
    do {
      const char c = text_[at_];
      if (c == '"') {
        SkipString();
        continue;
      }
      if (c == ',' || IsSpace(c)) {
        if (depth == 0) break;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) break;
        --depth;
      }
      ++at_;
      if (depth == 0 && (c == '}' || c == ']')) break;
    } while (!AtEnd() && !(depth == 0 && text_[at_] == ':'));
    return text_.substr(start, at_ - start);
  }

 private:
  void SkipString() {
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    ++at_;
  }

  std::string_view text_;
  size_t at_ = 0;
};

// Calls visit(name with its quotes, or empty in an array; value) for each part of a container.
template <class Visit>
void ForEachPart(std::string_view container, const Visit& visit) {
  Cursor cursor(container);
  const bool object = cursor.Peek() == '{';
  cursor.Skip();
  while (cursor.Peek() != '}' && cursor.Peek() != ']' && !cursor.AtEnd()) {
    std::string_view name;
    if (object) {
      name = cursor.Value();
      cursor.Peek();
      cursor.Skip();  // the colon
    }
    visit(name, cursor.Value());
    if (cursor.Peek() == ',') cursor.Skip();
  }
}

}  // namespace

std::string_view MemberText(std::string_view object, std::string_view name) {
  std::string_view found;
  ForEachPart(object, [&](std::string_view quoted, std::string_view value) {
    if (quoted.substr(1, quoted.size() - 2) == name) found = value;
  });
  return found;
}

std::vector<std::string_view> ElementTexts(std::string_view container) {
  std::vector<std::string_view> elements;
  ForEachPart(container,
              [&](std::string_view, std::string_view value) { elements.push_back(value); });
  return elements;
}

std::string CompactJson(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!in_string && IsSpace(text[i])) continue;
    out.push_back(text[i]);
    if (in_string && text[i] == '\\' && i + 1 < text.size()) {
      out.push_back(text[++i]);
    } else if (text[i] == '"') {
      in_string = !in_string;
    }
  }
  return out;
}

}  // namespace millrace::worker
