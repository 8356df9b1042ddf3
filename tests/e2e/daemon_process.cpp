#include "tests/e2e/daemon_process.hpp"

#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;

constexpr auto kStart = 60s;

std::filesystem::path with_suffix(std::filesystem::path file, const char* suffix) {
  file += suffix;
  return file;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// `name=VALUE` in a log line; empty when there is none.
std::string field_of(const std::string& line, const std::string& name) {
  const auto at = line.find(' ' + name + '=');
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 2;
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

std::string started_line(const std::string& log) {
  const auto at = log.find("event=started");
  if (at == std::string::npos) return {};
  const auto end = log.find('\n', at);
  return end == std::string::npos ? std::string() : log.substr(at, end - at);
}

std::vector<std::string> run_arguments(const std::filesystem::path& config) {
  return {"run", "-c", config.string()};
}

}  // namespace

bool wait_until(const std::function<bool()>& condition, std::chrono::seconds at_most) {
  core::SystemClock clock;
  const auto deadline = clock.steady_now() + at_most;
  while (!condition()) {
    if (clock.steady_now() > deadline) return false;
    clock.sleep_for(10ms, {});
  }
  return true;
}

Process::Process(const std::vector<std::string>& arguments, const Environment& environment,
                 std::filesystem::path files, const std::string& input)
    : files_(std::move(files)) {
  const std::string in = with_suffix(files_, ".in").string();
  const std::string out = with_suffix(files_, ".out").string();
  const std::string err = with_suffix(files_, ".err").string();
  write_file(in, input);
  std::vector<std::string> argv = {ASSEMBLY_SYNC_BINARY};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  std::vector<std::string> envp;
  for (const auto& [name, value] : environment) envp.push_back(name + '=' + value);
  const auto argv_pointers = pointers(argv);
  const auto envp_pointers = pointers(envp);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("can't fork");
  if (pid_ > 0) return;
  // The child of a process with threads: system calls only.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
  if (dup2(open(in.c_str(), O_RDONLY), 0) < 0 || dup2(open(out.c_str(), flags, 0600), 1) < 0 ||
      dup2(open(err.c_str(), flags, 0600), 2) < 0) {
    _exit(127);
  }
  execve(argv_pointers[0], argv_pointers.data(), envp_pointers.data());
  _exit(127);
}

Process::~Process() {
  if (!running()) return;
  signal(SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
}

std::int64_t Process::resident_kb() const {
  const std::string status = read_file("/proc/" + std::to_string(pid_) + "/status");
  const auto at = status.find("VmRSS:");
  return at == std::string::npos ? 0 : std::stoll(status.substr(at + 6));
}

void Process::signal(int number) const {
  if (!code_) ::kill(pid_, number);
}

bool Process::running() {
  if (code_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return false;
}

std::optional<int> Process::wait(std::chrono::seconds at_most) {
  wait_until([&] { return !running(); }, at_most);
  return code_;
}

std::string Process::out() const {
  const auto file = with_suffix(files_, ".out");
  return std::filesystem::exists(file) ? read_file(file) : std::string();
}

std::string Process::err() const {
  const auto file = with_suffix(files_, ".err");
  return std::filesystem::exists(file) ? read_file(file) : std::string();
}

DaemonProcess::DaemonProcess(const std::filesystem::path& config, const Environment& environment,
                             const std::filesystem::path& files)
    : process_(run_arguments(config), environment, files) {
  std::string line;
  wait_until(
      [&] {
        const bool alive = process_.running();  // asked first: its last words are read below
        line = started_line(process_.out());
        return !line.empty() || !alive;
      },
      kStart);
  webhook_url_ = field_of(line, "webhooks");
  admin_url_ = field_of(line, "admin");
  if (webhook_url_.empty() || admin_url_.empty()) {
    const auto code = process_.wait(0s);
    throw std::runtime_error("the daemon did not start (" +
                             (code ? "exit code " + std::to_string(*code) : "silent") +
                             "): " + log());
  }
}

std::optional<int> DaemonProcess::stop(std::chrono::seconds at_most) {
  process_.signal(SIGTERM);
  return process_.wait(at_most);
}

void DaemonProcess::kill() {
  process_.signal(SIGKILL);
  process_.wait(30s);
}

}  // namespace assembly_sync::test
