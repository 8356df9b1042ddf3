#include "daemon/config/document.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include <glob.h>

#include "core/digest.hpp"
#include "core/limits.hpp"
#include "daemon/config/block.hpp"
#include "daemon/config/checks.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::config {
namespace {

namespace fs = std::filesystem;
using core::YamlNode;

struct Part {
  std::string name;
  YamlNode::Kind kind;
};

const std::vector<Part>& parts() {
  static const std::vector<Part> kParts = {{"sources", YamlNode::Kind::map},
                                           {"tables", YamlNode::Kind::map},
                                           {"mappings", YamlNode::Kind::list},
                                           {"tests", YamlNode::Kind::list}};
  return kParts;
}

/// The tree of one file, or nothing when it can't be read as a map at all; then `problems` says
/// why.
std::optional<YamlNode> read_root(const ConfigFile& file, core::Problems& problems,
                                  std::size_t& nodes) {
  if (const Place bad = first_invalid_utf8(file.text); bad.line > 0) {
    problems.push_back(
        {file.path, bad.line, bad.column, "", "expected UTF-8 text, got another byte"});
    return std::nullopt;
  }
  const std::size_t before = problems.size();
  YamlNode root = core::read_yaml(file.text, file.path, problems, &nodes);
  if (root.is_map()) return root;
  if (problems.size() == before) {
    problems.push_back({file.path, std::max(1, root.line), std::max(1, root.column), "",
                        "expected a map of settings, got " + std::string(root.kind_name())});
  }
  return std::nullopt;
}

bool has_wildcard(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

/// The folder in which a pattern begins to search.
fs::path fixed_folder(const fs::path& pattern) {
  fs::path folder;
  for (const fs::path& step : pattern.parent_path()) {
    if (has_wildcard(step.string())) break;
    folder /= step;
  }
  return folder.empty() ? fs::path(".") : folder;
}

/// The regular files that the pattern matches, by name in byte order. Names that begin with a dot
/// are left out, as a shell does: editors keep copies under them.
std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> out;
  if (glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code ignored;
      if (fs::is_regular_file(found.gl_pathv[i], ignored)) out.emplace_back(found.gl_pathv[i]);
    }
  }
  globfree(&found);
  std::sort(out.begin(), out.end());
  return out;
}

/// One file, whatever the way by which it is named.
std::string identity_of(const std::string& file) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical.string();
}

class Includer {
 public:
  Includer(YamlNode& root, std::vector<ConfigFile>& files, core::Problems& problems,
           std::size_t& nodes, const std::vector<ConfigFile>& instead)
      : root_(root), files_(files), problems_(problems), nodes_(nodes), instead_(instead) {
    seen_.insert(identity_of(files.front().path));
    bytes_ = files.front().text.size();
  }

  /// False when something that was to be included is not in the tree.
  bool run() {
    const YamlNode* written = root_.find("include");
    if (written == nullptr) return true;
    const YamlNode include = *written;  // the tree it stands in is about to grow
    if (include.is_list()) {
      for (std::size_t i = 0; i < include.items.size(); ++i) {
        pattern(include.items[i], "include[" + std::to_string(i) + ']');
      }
    } else {
      pattern(include, "include");
    }
    return complete_;
  }

 private:
  void report(const YamlNode& at, const std::string& key, std::string message) {
    problems_.push_back(
        {at.file_or(files_.front().path), at.line, at.column, key, std::move(message)});
  }
  void give_up(const YamlNode& at, const std::string& key, std::string message) {
    report(at, key, std::move(message));
    complete_ = false;
  }

  void pattern(const YamlNode& at, const std::string& key) {
    const std::string expected = "expected a file name or a pattern such as mappings/*.yaml, got ";
    if (!at.is_scalar() || at.scalar.empty()) {
      return give_up(at, key,
                     expected + (at.is_scalar() ? "an empty text" : std::string(at.kind_name())));
    }
    if (at.scalar.find("${") != std::string::npos) {
      return give_up(at, key, expected + "a reference, which can't stand here");
    }
    const std::string path = (fs::path(files_.front().path).parent_path() / at.scalar).string();
    if (!has_wildcard(at.scalar)) return one(path, at, key);
    // A folder may be empty. One that is not there is a slip, by which all its mappings were lost.
    std::error_code ignored;
    if (const fs::path folder = fixed_folder(path); !fs::is_directory(folder, ignored)) {
      return give_up(at, key,
                     "expected a pattern in a folder that exists, got one in " + folder.string() +
                         ", which does not");
    }
    for (const std::string& file : matches_of(path)) {
      if (seen_.insert(identity_of(file)).second) add(file, at, key);
    }
  }

  void one(const std::string& path, const YamlNode& at, const std::string& key) {
    if (seen_.insert(identity_of(path)).second) return add(path, at, key);
    const bool itself = identity_of(path) == identity_of(files_.front().path);
    report(at, key,
           itself ? "expected another file, got this one itself"
                  : "expected a file that is not included yet, got " + path + " again");
  }

  void add(const std::string& path, const YamlNode& at, const std::string& key) {
    if (stopped_) return;
    if (files_.size() >= core::limits::kConfigFiles) {
      stopped_ = true;
      return give_up(at, key,
                     "expected at most " + std::to_string(core::limits::kConfigFiles) +
                         " files together, this one among them, got more");
    }
    auto text = text_of(path);
    if (!text) {
      return give_up(at, key,
                     "expected " + path + " to be a readable file, got " + text.error().message);
    }
    bytes_ += text->size();
    if (bytes_ > core::limits::kConfigBytes) {
      stopped_ = true;
      return give_up(at, key,
                     "expected at most " + std::to_string(core::limits::kConfigBytes) +
                         " bytes in all files together, got more, with " + path);
    }
    files_.push_back({path, std::move(*text)});
    const auto root = read_root(files_.back(), problems_, nodes_);
    if (root) {
      merge(*root);
    } else {
      complete_ = false;
    }
  }

  core::Result<std::string> text_of(const std::string& path) const {
    for (const ConfigFile& file : instead_) {
      if (full_path(file.path) == full_path(path)) return file.text;
    }
    return read_config_file(path);
  }

  void merge(const YamlNode& from) {
    for (const auto& [key, value] : from.members) {
      const auto part = std::find_if(parts().begin(), parts().end(),
                                     [&](const Part& p) { return p.name == key.scalar; });
      if (part == parts().end()) {
        report_stranger(key);
      } else if (value.kind == part->kind) {
        join(key, value);
      } else if (!value.is_null()) {
        report(value, key.scalar,
               "expected " + std::string(part->kind == YamlNode::Kind::map ? "a map" : "a list") +
                   ", got " + std::string(value.kind_name()));
      }
    }
  }

  void report_stranger(const YamlNode& key) {
    if (key.scalar == "include") {
      return report(key, "include",
                    "expected `include` in the main file only, got it in one that is included");
    }
    const std::string hint = did_you_mean(key.scalar, included_blocks());
    report(key, "",
           "expected one of " + mapping::listed(included_blocks()) +
               " in a file that is included, got " + shown(key) +
               (hint.empty() ? " (all others stand in the main file)" : hint));
  }

  void join(const YamlNode& key, const YamlNode& value) {
    const auto own = std::find_if(
        root_.members.begin(), root_.members.end(),
        [&](const core::YamlMember& member) { return member.key.scalar == key.scalar; });
    if (own == root_.members.end()) {
      root_.members.push_back({key, value});
      return;
    }
    YamlNode& into = own->value;
    if (into.is_null()) {
      into = value;
    } else if (into.kind == value.kind) {
      into.items.insert(into.items.end(), value.items.begin(), value.items.end());
      for (const core::YamlMember& member : value.members) join_member(key.scalar, member, into);
    }  // a block of another kind is the reader's to report
  }

  void join_member(const std::string& block, const core::YamlMember& member, YamlNode& into) {
    const std::string& name = member.key.scalar;
    for (const core::YamlMember& taken : into.members) {
      if (taken.key.scalar != name) continue;
      const YamlNode& first = taken.key;
      return report(member.key, block + '.' + name,
                    "expected a name that no other file gives, got one that stands at " +
                        first.file_or("") + ':' + std::to_string(first.line) + ':' +
                        std::to_string(first.column) +
                        " already (take one of them out, or rename "
                        "it)");
    }
    into.members.push_back(member);
  }

  YamlNode& root_;
  std::vector<ConfigFile>& files_;
  core::Problems& problems_;
  std::size_t& nodes_;
  const std::vector<ConfigFile>& instead_;
  std::set<std::string> seen_;
  std::size_t bytes_ = 0;
  bool complete_ = true;
  bool stopped_ = false;
};

}  // namespace

const std::vector<std::string>& included_blocks() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Part& part : parts()) names.push_back(part.name);
    return names;
  }();
  return kNames;
}

std::optional<YamlNode> read_document(const std::string& file, const std::string& text,
                                      std::vector<ConfigFile>& files, core::Problems& problems,
                                      const std::vector<ConfigFile>& instead) {
  files = {{file, text}};
  std::size_t nodes = 0;
  auto root = read_root(files.front(), problems, nodes);
  if (root && !Includer(*root, files, problems, nodes, instead).run()) return std::nullopt;
  return root;
}

core::Result<std::string> read_config_file(const std::string& file) {
  std::error_code error;
  const auto status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) return core::fail("nothing");
  if (error) return core::fail(error.message());
  if (fs::is_directory(status)) return core::fail("a folder");
  if (!fs::is_regular_file(status)) return core::fail("something that is no regular file");
  std::ifstream in(file, std::ios::binary);
  if (!in) return core::fail("a file that this user may not read");
  std::string text(core::limits::kConfigBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::string full_path(const std::string& file) {
  return fs::absolute(file).lexically_normal().string();
}

std::string hash_of(const std::vector<ConfigFile>& files) {
  std::string all;
  const fs::path folder = fs::path(files.front().path).parent_path();
  for (const ConfigFile& file : files) {
    if (&file != &files.front()) {  // names count: they decide about the order
      const std::string name = fs::path(file.path).lexically_relative(folder).string();
      all += std::string(1, '\0') + (name.empty() ? file.path : name) + '\0';
    }
    all += file.text;
  }
  return core::to_hex(core::sha256(all));
}

}  // namespace assembly_sync::config
