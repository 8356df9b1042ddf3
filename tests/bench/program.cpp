#include "tests/bench/program.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.hpp"

namespace assembly_sync::bench {
namespace {

using namespace std::chrono_literals;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> merged(const std::map<std::string, std::string>& additions) {
  std::vector<std::string> texts;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (!additions.contains(text.substr(0, text.find('=')))) texts.push_back(text);
  }
  for (const auto& [name, value] : additions) texts.push_back(name + '=' + value);
  return texts;
}

}  // namespace

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds at_most) {
  core::SystemClock clock;
  const auto deadline = clock.steady_now() + at_most;
  while (!condition()) {
    if (clock.steady_now() > deadline) return false;
    clock.sleep_for(5ms, {});
  }
  return true;
}

void pause(std::chrono::milliseconds span) {
  core::SystemClock clock;
  clock.sleep_for(span, {});
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::string word_after(const std::string& text, const std::string& name) {
  const auto at = text.find(name);
  if (at == std::string::npos) return {};
  const auto begin = at + name.size();
  const auto end = text.find_first_of(" \n", begin);
  // Without an end it may be half of the word.
  return end == std::string::npos ? std::string() : text.substr(begin, end - begin);
}

Program::Program(Order order) : output_(std::move(order.output)) {
  std::vector<std::string> environment = merged(order.environment);
  const auto argv = pointers(order.command);
  const auto envp = pointers(environment);
  const std::string output = output_.string();
  write_file(output_, "");  // what an earlier program wrote there is not this one's
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("can't fork");
  if (pid_ > 0) return;
  // The child of a process with threads: system calls only.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  if (dup2(open("/dev/null", O_RDONLY), 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) {
    _exit(127);
  }
  execvpe(argv[0], argv.data(), envp.data());
  _exit(127);
}

Program::~Program() {
  if (!running()) return;
  signal(SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
}

bool Program::running() {
  if (code_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return false;
}

void Program::signal(int number) const {
  if (!code_) ::kill(pid_, number);
}

std::optional<int> Program::wait(std::chrono::milliseconds at_most) {
  wait_until([&] { return !running(); }, at_most);
  return code_;
}

std::string Program::output() const {
  return read_file(output_);
}

std::string Program::await(const std::string& name) {
  std::string word;
  wait_until(
      [&] {
        const bool alive = running();  // asked first: its last words are read below
        word = word_after(output(), name);
        return !word.empty() || !alive;
      },
      120s);
  if (word.empty()) throw std::runtime_error("no \"" + name + "\" from a program: " + output());
  return word;
}

double Program::cpu_seconds() const {
  const std::string text = read_file("/proc/" + std::to_string(pid_) + "/stat");
  // Fields are counted from behind the name, which may contain anything.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double Program::resident_mb() const {
  std::istringstream lines(read_file("/proc/" + std::to_string(pid_) + "/status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

std::string run(Program::Order order, std::chrono::milliseconds at_most) {
  const std::string name = order.command.front();
  Program program(std::move(order));
  const auto code = program.wait(at_most);
  if (code != 0) {
    throw std::runtime_error(name + (code ? " failed: " : " did not end: ") + program.output());
  }
  return program.output();
}

Folder::Folder(const std::filesystem::path& parent) {
  std::filesystem::create_directories(parent);
  std::string pattern = (parent / "run-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("can't create " + pattern);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace assembly_sync::bench
