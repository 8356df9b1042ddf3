// What many tests need: temporary folders, test data, a clock that moves by hand.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace assembly_sync::test {

/// A folder of its own, removed with all content at the end.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// The checkout that the test was built from. A function and not a macro, so that another checkout
/// of the same sources compiles to the same objects (ccache).
std::filesystem::path source_dir();
/// `NAME N` as all that is left of a test program's arguments sets `value`. False, with the usage
/// on stderr, for anything else but none.
bool read_count(int argc, char** argv, std::string_view name, std::size_t& value);
/// The content of tests/data/NAME.
std::string read_data(const std::string& name);
std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

/// Time stands still until advance() is called; sleepers wake when their time has come.
class ManualClock final : public core::Clock {
 public:
  explicit ManualClock(core::WallTime start = core::from_ms(1'767'225'600'500));
  core::WallTime wall_now() const override;
  core::SteadyTime steady_now() const override;
  bool sleep_until(core::SteadyTime when, std::stop_token stop) override;
  void advance(std::chrono::nanoseconds span);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  core::WallTime wall_;
  core::SteadyTime steady_{};
  std::chrono::nanoseconds wall_rest_{0};
};

}  // namespace assembly_sync::test
