#include "tests/support/support.hpp"

#include <charconv>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include <stdlib.h>

namespace assembly_sync::test {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "assembly-sync-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::filesystem::path source_dir() {
  return ASSEMBLY_SYNC_SOURCE_DIR;
}

std::string read_data(const std::string& name) {
  return read_file(source_dir() / "tests" / "data" / name);
}

ManualClock::ManualClock(core::WallTime start) : wall_(start) {}

core::WallTime ManualClock::wall_now() const {
  const std::lock_guard lock(mutex_);
  return wall_;
}

core::SteadyTime ManualClock::steady_now() const {
  const std::lock_guard lock(mutex_);
  return steady_;
}

bool ManualClock::sleep_until(core::SteadyTime when, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, stop, [&] { return steady_ >= when; });
  return !stop.stop_requested();
}

void ManualClock::advance(std::chrono::nanoseconds span) {
  {
    const std::lock_guard lock(mutex_);
    steady_ += span;
    wall_rest_ += span;
    const auto whole = std::chrono::duration_cast<core::Millis>(wall_rest_);
    wall_ += whole;
    wall_rest_ -= whole;
  }
  wake_.notify_all();
}

bool read_count(int argc, char** argv, std::string_view name, std::size_t& value) {
  if (argc == 1) return true;
  if (argc == 3 && argv[1] == name) {
    const std::string_view text = argv[2];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return true;
  }
  std::cerr << "usage: " << argv[0] << " [" << name << " N]\n";
  return false;
}

}  // namespace assembly_sync::test
