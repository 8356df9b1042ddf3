#include "daemon/telemetry/log.hpp"

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

}  // namespace

struct Log::Impl {
  LogStyle style;
  std::shared_ptr<spdlog::logger> logger;

  void write(spdlog::level::level_enum level, int priority, std::string_view event, Fields fields) {
    if (!logger->should_log(level)) return;
    const std::string line = line_of(event, fields);
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

}  // namespace assembly_sync::telemetry
