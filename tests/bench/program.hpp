// A program as a child process, looked at from outside: what it printed, its memory, its processor
// time. Ended with kill -9 when its object goes. Not thread-safe; made on the main thread only
// (the child dies with the thread that started it).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace assembly_sync::bench {

/// Looks every few milliseconds; false when `at_most` has passed.
bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds at_most);
void pause(std::chrono::milliseconds span);
std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

/// The value after ` name=` or `name ` in a text, up to the next blank; empty when there is none.
std::string word_after(const std::string& text, const std::string& name);

class Program {
 public:
  struct Order {
    std::vector<std::string> command;                // looked up in PATH
    std::map<std::string, std::string> environment;  // beside the bench's own
    std::filesystem::path output;                    // file for both streams
  };
  explicit Program(Order order);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number) const;
  /// The exit code, 128 + N after signal N; nothing when it still runs after `at_most`.
  std::optional<int> wait(std::chrono::milliseconds at_most);
  std::string output() const;
  /// Waits for `name` in the output and returns the word after it; throws with the output when the
  /// program ends or is silent instead.
  std::string await(const std::string& name);

  /// Processor seconds used so far, by all its threads.
  double cpu_seconds() const;
  double resident_mb() const;

 private:
  const std::filesystem::path output_;
  pid_t pid_ = -1;
  std::optional<int> code_;
};

/// Runs to the end; its output. Throws with it when the exit code is not 0.
std::string run(Program::Order order, std::chrono::milliseconds at_most);

/// A folder of its own, removed with all content at the end.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& parent);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace assembly_sync::bench
