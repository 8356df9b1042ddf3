// C++ text taken apart as far as the house rules need it: code without comments and literals, and
// the string literals by themselves, each with its line. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assembly_sync::tidy {

struct Literal {
  int line = 0;  // from 1, where it begins
  std::string text;
  bool raw = false;  // R"(…)"
};

struct Source {
  std::string path;                // from the project's root: daemon/store/store.cpp
  std::vector<std::string> lines;  // as written
  std::vector<std::string> code;   // the same lines; comments and literals are blanks
  std::vector<Literal> literals;
};

/// Splits any text into lines; `code` and `literals` are made for .cpp and .hpp only.
Source scan(std::string path, std::string_view text);

bool is_cpp(std::string_view path);
bool is_header(std::string_view path);

/// Characters of UTF-8 text, not bytes.
std::size_t width(std::string_view line);

}  // namespace assembly_sync::tidy
