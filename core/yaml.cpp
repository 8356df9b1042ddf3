#include "core/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "core/limits.hpp"

namespace assembly_sync::core {
namespace {

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, Problems& problems)
      : source_(std::make_shared<const std::string>(text)), file_(file), problems_(problems) {}

  const std::string& source() const { return *source_; }

  YamlNode convert(const YAML::Node& node, std::size_t depth, const std::string& path) {
    YamlNode out;
    out.line = node.Mark().line + 1;
    out.column = node.Mark().column + 1;
    if (++nodes_ > limits::kConfigNodes) {
      report_once(out, path,
                  "expected at most " + std::to_string(limits::kConfigNodes) +
                      " values in one file (aliases count where they are used)");
      return out;
    }
    if (depth > limits::kConfigDepth) {
      report(out, path, "nested deeper than " + std::to_string(limits::kConfigDepth) + " levels");
      return out;
    }
    if (node.IsScalar()) {
      out.kind = YamlNode::Kind::scalar;
      out.scalar = node.Scalar();
      out.quoted = node.Tag() == "!";  // what the library gives to anything but a plain scalar
      out.source = source_;
      // The library drops a byte order mark before it counts.
      out.position = static_cast<std::size_t>(node.Mark().pos) +
                     (source_->starts_with("\xEF\xBB\xBF") ? 3 : 0);
      if (out.quoted && !is_closed(out.position)) {
        report(out, path, "expected a closing quote, got the end of the file");
      }
    } else if (node.IsSequence()) {
      out.kind = YamlNode::Kind::list;
      std::size_t index = 0;
      for (const YAML::Node& item : node) {
        out.items.push_back(convert(item, depth + 1, path + '[' + std::to_string(index++) + ']'));
      }
    } else if (node.IsMap()) {
      out.kind = YamlNode::Kind::map;
      convert_members(node, depth, path, out);
    }
    return out;
  }

  void report(const YamlNode& at, const std::string& path, std::string message) {
    problems_.push_back({file_, at.line, at.column, path, std::move(message)});
  }

 private:
  void convert_members(const YAML::Node& node, std::size_t depth, const std::string& path,
                       YamlNode& out) {
    std::map<std::string, int> first_line;
    for (const auto& member : node) {
      YamlNode key = convert(member.first, depth + 1, path);
      if (reported_size_) return;  // what follows was not read: nothing to say about it
      if (!key.is_scalar()) {
        report(key, path, "expected a name as key, got " + std::string(key.kind_name()));
        continue;
      }
      const std::string member_path = path.empty() ? key.scalar : path + '.' + key.scalar;
      const auto [seen, is_new] = first_line.emplace(key.scalar, key.line);
      if (!is_new) {
        report(key, member_path,
               "key appears twice, first on line " + std::to_string(seen->second));
        continue;
      }
      YamlNode value = convert(member.second, depth + 1, member_path);
      if (value.is_null()) {  // the library has no place for an absent value
        value.line = key.line;
        value.column = key.column;
      }
      out.members.push_back({std::move(key), std::move(value)});
    }
  }

  /// The library takes a quote that is never closed for one that ends with the file, and so would
  /// swallow all that follows. True for what begins with no quote (a block).
  bool is_closed(std::size_t start) const {
    const std::string& text = *source_;
    const char quote = start < text.size() ? text[start] : ' ';
    if (quote != '"' && quote != '\'') return true;
    for (std::size_t i = start + 1; i < text.size(); ++i) {
      if (text[i] == '\\' && quote == '"') {
        ++i;
      } else if (text[i] == quote) {
        if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) return true;
        ++i;  // '' is a quote inside the text
      }
    }
    return false;
  }

  void report_once(const YamlNode& at, const std::string& path, std::string message) {
    if (!reported_size_) report(at, path, std::move(message));
    reported_size_ = true;
  }

  const std::shared_ptr<const std::string> source_;
  const std::string& file_;
  Problems& problems_;
  std::size_t nodes_ = 0;
  bool reported_size_ = false;
};

bool is_plain_number(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos ||
      digits.front() < '0' || digits.front() > '9') {
    return false;
  }
  return digits.size() == 1 || digits[0] != '0' || digits[1] == '.';  // 0123 is no decimal number
}

Value plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (is_plain_number(text)) {
    const char* const end = text.data() + text.size();
    std::int64_t whole = 0;
    if (const auto r = std::from_chars(text.data(), end, whole);
        r.ec == std::errc{} && r.ptr == end)
      return whole;
    double real = 0;
    if (const auto r = std::from_chars(text.data(), end, real); r.ec == std::errc{} && r.ptr == end)
      return real;
  }
  return text;
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks a scalar as written in the file, one character of its meaning at a time. White space is
/// skipped, as folding and indentation change it.
class WrittenScalar {
 public:
  explicit WrittenScalar(const YamlNode& node)
      : text_(std::string_view(*node.source).substr(node.position)),
        place_{node.line, node.column} {
    while (!at_end() && (text_[at_] == '&' || text_[at_] == '!')) {  // an anchor, a tag
      while (!at_end() && !is_space(text_[at_])) step();
      skip_spaces();
    }
    if (at_end()) return;
    if (text_[at_] == '\'' || text_[at_] == '"') {
      quote_ = text_[at_];
      step();
    } else if (node.quoted && (text_[at_] == '|' || text_[at_] == '>')) {
      while (!at_end() && text_[at_] != '\n') step();  // the block's header
    }
    skip_spaces();
  }

  const YamlPlace& place() const { return place_; }

  /// Goes on to the next character that is no white space.
  void next() {
    if (at_end()) return;
    const char c = text_[at_];
    step();
    if (quote_ == '\'' && c == '\'') step();  // '' stands for one
    if (quote_ == '"' && c == '\\') step();
    skip_spaces();
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  void step() {
    if (at_end()) return;
    if (text_[at_] == '\n') {
      ++place_.line;
      place_.column = 0;
    }
    ++place_.column;
    ++at_;
  }
  /// In double quotes also the escapes that stand for white space or for a line that goes on.
  void skip_spaces() {
    while (!at_end()) {
      const bool escaped =
          quote_ == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
          std::string_view(" \ntr\r").find(text_[at_ + 1]) != std::string_view::npos;
      if (!escaped && !is_space(text_[at_])) return;
      if (escaped) step();
      step();
    }
  }

  std::string_view text_;
  YamlPlace place_;
  std::size_t at_ = 0;
  char quote_ = 0;
};

/// Notes where each document's content begins; what is in it is read otherwise.
class DocumentStarts final : public YAML::EventHandler {
 public:
  const std::vector<YAML::Mark>& marks() const { return marks_; }

  void OnDocumentStart(const YAML::Mark&) override { next_ = true; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { note(mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { note(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string&) override {
    note(mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    note(mark);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    note(mark);
  }
  void OnMapEnd() override {}

 private:
  void note(const YAML::Mark& mark) {
    if (next_) marks_.push_back(mark);
    next_ = false;
  }

  std::vector<YAML::Mark> marks_;
  bool next_ = false;
};

/// A problem unless there is at most one document. The library does not pass a character that no
/// node can begin with (a comma, say): it finds empty documents there for ever.
std::optional<Problem> check_documents(const std::string& text, const std::string& file) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts starts;
  const std::vector<YAML::Mark>& marks = starts.marks();
  const auto stuck = [&] {
    return marks.size() > 1 && marks.back().pos <= marks[marks.size() - 2].pos;
  };
  while (!stuck() && parser.HandleNextDocument(starts)) {
  }
  if (marks.size() < 2) return std::nullopt;
  const YAML::Mark& at = stuck() ? marks.back() : marks[1];
  return Problem{file, at.line + 1, at.column + 1, "",
                 stuck() ? "invalid YAML: a character that nothing can begin with"
                         : "expected one YAML document, got " + std::to_string(marks.size())};
}

}  // namespace

YamlPlace place_in(const YamlNode& scalar, std::size_t offset) {
  if (scalar.source == nullptr || scalar.position >= scalar.source->size()) {
    return {scalar.line, scalar.column + static_cast<int>(offset)};
  }
  WrittenScalar written(scalar);
  for (std::size_t i = 0; i < std::min(offset, scalar.scalar.size()); ++i) {
    if (!is_space(scalar.scalar[i])) written.next();
  }
  return written.place();
}

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.scalar == key) return &value;
  }
  return nullptr;
}

std::string_view YamlNode::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return "a text";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
  }
  return "nothing";
}

YamlNode read_yaml(std::string_view text, const std::string& file, Problems& problems) {
  if (text.size() > limits::kConfigBytes) {
    problems.push_back({file, 0, 0, "",
                        "expected at most " + std::to_string(limits::kConfigBytes) +
                            " bytes, got " + std::to_string(text.size())});
    return {};
  }
  Reader reader(text, file, problems);
  try {
    if (auto problem = check_documents(reader.source(), file)) {
      problems.push_back(std::move(*problem));
    }
    return reader.convert(YAML::Load(reader.source()), 0, "");
  } catch (const YAML::Exception& error) {
    problems.push_back(
        {file, error.mark.line + 1, error.mark.column + 1, "", "invalid YAML: " + error.msg});
    return {};
  }
}

Value to_value(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return {};
    case YamlNode::Kind::scalar:
      return node.quoted ? Value(node.scalar) : plain_scalar(node.scalar);
    case YamlNode::Kind::list: {
      Value::List items;
      for (const YamlNode& item : node.items) items.push_back(to_value(item));
      return items;
    }
    case YamlNode::Kind::map: {
      Value::Object members;
      for (const auto& [key, value] : node.members) {
        members.insert_or_assign(key.scalar, to_value(value));
      }
      return members;
    }
  }
  return {};
}

}  // namespace assembly_sync::core
