// The program as a process of its own, as systemd or an operator would start it: arguments,
// environment, exit code, and all it wrote. Ends with its test, whatever happens. Not thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace assembly_sync::test {

using Environment = std::map<std::string, std::string>;

/// Looks again and again; false when `at_most` has passed. A deadline to fail instead of hanging,
/// never a measurement.
bool wait_until(const std::function<bool()>& condition,
                std::chrono::seconds at_most = std::chrono::seconds{60});

class Process {
 public:
  /// Starts the program at once. What it writes goes to `files`.out and `files`.err; `input` is its
  /// standard input.
  Process(const std::vector<std::string>& arguments, const Environment& environment,
          std::filesystem::path files, const std::string& input = "");
  ~Process();  // kill -9
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  pid_t pid() const { return pid_; }
  std::int64_t resident_kb() const;
  bool running();
  /// Waits for its end. The exit code, 128 + N after signal N, nothing when it still runs.
  std::optional<int> wait(std::chrono::seconds at_most);

  std::string out() const;
  std::string err() const;

 private:
  const std::filesystem::path files_;
  pid_t pid_ = -1;
  std::optional<int> code_;
};

/// `assembly-sync run`, once it listens.
class DaemonProcess {
 public:
  /// Waits for the line `event=started`; throws std::runtime_error with its output when the process
  /// ends or is silent instead.
  DaemonProcess(const std::filesystem::path& config, const Environment& environment,
                const std::filesystem::path& files);

  std::string webhook_url() const { return webhook_url_; }
  std::string admin_url() const { return admin_url_; }
  /// SIGTERM; the exit code, nothing when it does not end.
  std::optional<int> stop(std::chrono::seconds at_most = std::chrono::seconds{30});
  void kill();
  void signal(int number) const { process_.signal(number); }
  pid_t pid() const { return process_.pid(); }
  /// Resident memory, in kB.
  std::int64_t resident_kb() const { return process_.resident_kb(); }
  bool running() { return process_.running(); }
  /// All it wrote so far, both streams.
  std::string log() const { return process_.out() + process_.err(); }

 private:
  Process process_;
  std::string webhook_url_;
  std::string admin_url_;
};

}  // namespace assembly_sync::test
