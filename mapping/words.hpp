// Phrases that messages about the configuration share. Thread-safe.
#pragma once

#include <string>
#include <vector>

namespace assembly_sync::mapping {

/// ", did you mean `word`?" or nothing.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates);

/// "a, b or c"
std::string either(const std::vector<std::string>& words);

/// "a, b, c", cut where it gets long.
std::string listed(const std::vector<std::string>& words);

}  // namespace assembly_sync::mapping
