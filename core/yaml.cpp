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

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// Columns in characters, as editors count them, from the library's places in bytes. It drops a
/// byte order mark before it counts.
class Columns {
 public:
  explicit Columns(std::string_view text) : skipped_(text.starts_with(kByteOrderMark) ? 3 : 0) {
    for (std::size_t i = skipped_; i < text.size(); ++i) {
      if (continues_character(text[i])) continuing_.push_back(i - skipped_);
    }
  }
  std::size_t skipped() const { return skipped_; }
  /// `position` in the file, `column` in its line: bytes from 0.
  int of(std::size_t position, std::size_t column) const {
    const auto before = [&](std::size_t at) {
      return std::lower_bound(continuing_.begin(), continuing_.end(), at) - continuing_.begin();
    };
    const std::size_t line_start = position - std::min(position, column);
    return static_cast<int>(column) + 1 - static_cast<int>(before(position) - before(line_start));
  }

 private:
  const std::size_t skipped_;
  std::vector<std::size_t> continuing_;
};

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, Problems& problems, std::size_t& nodes)
      : source_(std::make_shared<const YamlSource>(YamlSource{file, std::string(text)})),
        columns_(source_->text),
        problems_(problems),
        nodes_(nodes) {}

  const std::string& text() const { return source_->text; }

  /// The library's mark counts bytes.
  YamlPlace place(const YAML::Mark& mark) const {
    return {mark.line + 1, columns_.of(static_cast<std::size_t>(std::max(0, mark.pos)),
                                       static_cast<std::size_t>(std::max(0, mark.column)))};
  }

  YamlNode convert(const YAML::Node& node, std::size_t depth, const std::string& path) {
    YamlNode out;
    const YamlPlace begin = place(node.Mark());
    out.line = begin.line;
    out.column = begin.column;
    out.source = source_;
    if (++nodes_ > limits::kConfigNodes) {
      report_once(out, path,
                  "expected at most " + std::to_string(limits::kConfigNodes) +
                      " values in all files together (aliases count where they are used)");
      return out;
    }
    if (depth > limits::kConfigDepth) {
      report(out, path,
             "expected at most " + std::to_string(limits::kConfigDepth) +
                 " levels of nesting, got more");
      return out;
    }
    if (node.IsScalar()) {
      out.kind = YamlNode::Kind::scalar;
      out.scalar = node.Scalar();
      out.quoted = node.Tag() == "!";  // what the library gives to anything but a plain scalar
      out.position = static_cast<std::size_t>(node.Mark().pos) + columns_.skipped();
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
    problems_.push_back({source_->file, at.line, at.column, path, std::move(message)});
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
               "expected each key once, got one that appears twice, first on line " +
                   std::to_string(seen->second) + " (take one of them out)");
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
    const std::string& text = source_->text;
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

  const std::shared_ptr<const YamlSource> source_;
  const Columns columns_;
  Problems& problems_;
  std::size_t& nodes_;
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
      : text_(std::string_view(node.source->text).substr(node.position)),
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
    ++at_;
    if (at_end() || !continues_character(text_[at_])) ++place_.column;
  }
  /// In double quotes also the escapes that stand for white space or for a line that goes on.
  void skip_spaces() {
    while (!at_end()) {
      const bool escaped =
          quote_ == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
          std::string_view(" \nntr\r").find(text_[at_ + 1]) != std::string_view::npos;
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

/// The library's words for broken syntax, and ours.
struct Broken {
  std::string_view words;  // the begin of the library's
  std::string_view message;
};
constexpr std::string_view kTab = "illegal tab when looking for indentation";
constexpr std::string_view kFlowMap =
    "expected , or } inside { … }, got something else (is the } missing? a text with , { or } in "
    "it stands in quotes)";
constexpr std::string_view kFlowList =
    "expected , or ] inside [ … ], got something else (is the ] missing? a text with , [ or ] in "
    "it stands in quotes)";
constexpr std::string_view kAlias =
    "expected the name of an &NAME further up behind *, got something else (a text that begins "
    "with * stands in quotes)";
constexpr std::string_view kAnchor =
    "expected a name behind &, got something else (a text that begins with & stands in quotes)";
constexpr Broken kBroken[] = {
    {"illegal map value",
     "expected one value behind the key, got another `: ` (a text with a colon and a space in it "
     "stands in quotes; a key of its own stands at the column of the one above it)"},
    {"illegal map key",
     "expected a key at the column of those above it, got one further right or behind a value"},
    {"end of map not found",
     "expected a key at the column of those above it, got something else (is the line indented "
     "otherwise?)"},
    {"end of sequence not found",
     "expected `- ` at the column of those above it, got something else (is the line indented "
     "otherwise?)"},
    {"illegal block entry",
     "expected a value, got `- ` (a list begins on a line of its own, below its key)"},
    {"end of map flow not found", kFlowMap},
    {"end of sequence flow not found", kFlowList},
    {"illegal flow end", "expected a key or a value, got } or ] without its { or ["},
    {kTab, "expected spaces in front of the line, got a tab (write two spaces a step)"},
    {"unknown token",
     "expected a key or a value, got a character that none can begin with (a text that begins "
     "with @, ` or % stands in quotes)"},
    {"unknown escape character",
     "expected a known letter behind \\ in \"…\", got another (write \\\\ for the character \\ "
     "itself, or take '…')"},
    {"the referenced anchor is not defined", kAlias},
    {"alias not found after *", kAlias},
    {"illegal character found while scanning alias", kAlias},
    {"anchor not found after &", kAnchor},
    {"illegal character found while scanning anchor", kAnchor},
    {"illegal EOF in scalar", "expected a closing quote, got the end of the file"},
    {"unexpected character in block scalar",
     "expected nothing else behind | or >, got more (the text begins on the next line)"},
};

std::string explained(std::string_view words) {
  for (const Broken& broken : kBroken) {
    if (words.starts_with(broken.words)) return std::string(broken.message);
  }
  return "expected valid YAML, got: " + std::string(words);
}

/// The first tab in front of a line up to `last`: the library stumbles over it later, or takes the
/// line for a part of the one before.
std::optional<YamlPlace> tab_in_front(std::string_view text, int last) {
  for (int line = 1; line <= last && !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::size_t content = text.substr(0, end).find_first_not_of(" \t\r");
    const std::size_t tab = text.substr(0, end).find('\t');
    if (content != std::string_view::npos && tab < content && text[content] != '#') {
      return YamlPlace{line, static_cast<int>(tab) + 1};
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

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
std::optional<Problem> check_documents(const Reader& reader, const std::string& file) {
  std::istringstream stream(reader.text());
  YAML::Parser parser(stream);
  DocumentStarts starts;
  const std::vector<YAML::Mark>& marks = starts.marks();
  const auto stuck = [&] {
    return marks.size() > 1 && marks.back().pos <= marks[marks.size() - 2].pos;
  };
  while (!stuck() && parser.HandleNextDocument(starts)) {
  }
  if (marks.size() < 2) return std::nullopt;
  const YamlPlace at = reader.place(stuck() ? marks.back() : marks[1]);
  return Problem{file, at.line, at.column, "",
                 stuck() ? "expected a key or a value, got a character that none can begin with"
                         : "expected one YAML document, got " + std::to_string(marks.size())};
}

}  // namespace

YamlPlace place_in(const YamlNode& scalar, std::size_t offset) {
  if (scalar.source == nullptr || scalar.position >= scalar.source->text.size()) {
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

const std::string& YamlNode::file_or(const std::string& otherwise) const {
  return source == nullptr ? otherwise : source->file;
}

YamlNode read_yaml(std::string_view text, const std::string& file, Problems& problems,
                   std::size_t* nodes) {
  if (text.size() > limits::kConfigBytes) {
    problems.push_back({file, 0, 0, "",
                        "expected at most " + std::to_string(limits::kConfigBytes) +
                            " bytes, got " + std::to_string(text.size())});
    return {};
  }
  std::size_t own_nodes = 0;
  Reader reader(text, file, problems, nodes == nullptr ? own_nodes : *nodes);
  try {
    if (auto problem = check_documents(reader, file)) {
      problems.push_back(std::move(*problem));
    }
    return reader.convert(YAML::Load(reader.text()), 0, "");
  } catch (const YAML::Exception& error) {
    const YamlPlace at = reader.place(error.mark);
    const auto tab = tab_in_front(reader.text(), at.line);
    const YamlPlace place = tab.value_or(at);
    problems.push_back(
        {file, place.line, place.column, "", explained(tab ? kTab : std::string_view(error.msg))});
    return {};
  }
}

bool misspells(const YamlNode& map, const std::vector<std::string>& known,
               const std::string& name) {
  return std::any_of(map.members.begin(), map.members.end(), [&](const YamlMember& member) {
    const std::string& key = member.key.scalar;
    return std::find(known.begin(), known.end(), key) == known.end() && nearest(key, known) == name;
  });
}

std::vector<std::string> item_paths(const YamlNode& list, const std::string& name) {
  std::map<const YamlSource*, std::size_t> counts;
  std::vector<std::string> paths;
  for (const YamlNode& item : list.items) {
    paths.push_back(name + '[' + std::to_string(counts[item.source.get()]++) + ']');
  }
  return paths;
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
