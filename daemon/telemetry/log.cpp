#include "daemon/telemetry/log.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace assembly_sync::telemetry {
namespace {

constexpr std::size_t kLineBytes = 4096;  // a longer text is cut: one line stays one line

bool is_bare(std::string_view text) {
  return !text.empty() && text.find_first_of(" \"=\\\n\r\t") == std::string_view::npos;
}

void append_text(std::string& line, std::string_view text) {
  if (is_bare(text)) {
    line += text;
    return;
  }
  line += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') line += '\\';
    line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  line += '"';
}

std::string line_of(std::string_view event, Fields fields) {
  std::string line = "event=";
  line += event;
  for (const Field& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    if (const auto* text = std::get_if<std::string>(&field.value)) {
      append_text(line, *text);
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
      line += std::to_string(*number);
    } else {
      line += fmt::format("{:.6g}", std::get<double>(field.value));
    }
  }
  if (line.size() > kLineBytes) line.resize(kLineBytes);
  return line;
}

/// Which recurring errors were said of late.
class Repeats {
 public:
  /// How often the line was left out before, when it is to be written now.
  std::optional<int> say(const std::string& line) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (said_.size() >= kMost) said_.clear();
    const auto [row, is_new] = said_.try_emplace(line, Said{now, 0});
    if (is_new) return 0;
    if (now - row->second.at < std::chrono::minutes(1)) {
      ++row->second.left_out;
      return std::nullopt;
    }
    return std::exchange(row->second, Said{now, 0}).left_out;
  }

 private:
  static constexpr std::size_t kMost = 64;
  struct Said {
    std::chrono::steady_clock::time_point at;
    int left_out = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Said> said_;  // guarded by mutex_
};

}  // namespace

struct Log::Impl {
  LogStyle style;
  std::shared_ptr<spdlog::logger> logger;
  Repeats repeats;

  void write(spdlog::level::level_enum level, int priority, std::string_view event, Fields fields) {
    if (!logger->should_log(level)) return;
    put(level, priority, line_of(event, fields));
  }

  void put(spdlog::level::level_enum level, int priority, const std::string& line) {
    if (style == LogStyle::journald) {
      logger->log(level, "<{}>{}", priority, line);
    } else {
      logger->log(level, "{}", line);
    }
  }
};

Log::Log(LogStyle style) : impl_(std::make_unique<Impl>()) {
  impl_->style = style;
  if (style == LogStyle::quiet) {
    impl_->logger = std::make_shared<spdlog::logger>(
        "assembly-sync", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    impl_->logger->set_level(spdlog::level::warn);
  } else {
    impl_->logger = std::make_shared<spdlog::logger>(
        "assembly-sync", std::make_shared<spdlog::sinks::stdout_sink_mt>());
  }
  impl_->logger->set_pattern(style == LogStyle::journald ? "%v" : "%Y-%m-%dT%H:%M:%S.%e %L %v");
  impl_->logger->flush_on(spdlog::level::trace);
}

Log::~Log() = default;

void Log::info(std::string_view event, Fields fields) {
  impl_->write(spdlog::level::info, 6, event, fields);
}
void Log::warn(std::string_view event, Fields fields) {
  impl_->write(spdlog::level::warn, 4, event, fields);
}
void Log::error(std::string_view event, Fields fields) {
  impl_->write(spdlog::level::err, 3, event, fields);
}
void Log::recurring(std::string_view event, Fields fields) {
  const std::string line = line_of(event, fields);
  const auto left_out = impl_->repeats.say(line);
  if (!left_out) return;
  const std::string repeated =
      *left_out == 0 ? std::string() : " repeated=" + std::to_string(*left_out);
  impl_->put(spdlog::level::err, 3, line + repeated);
}

}  // namespace assembly_sync::telemetry
