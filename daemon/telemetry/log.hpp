// Log: structured events to stdout, `event=delivery_rejected entity=17 status=422`. Under systemd
// each line carries its journald priority. Fields are names, ids, counts and reasons; never a
// record value or a secret (I11). ERROR = a human must act; WARN = it recovers by itself; no line
// per record. Thread-safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace assembly_sync::telemetry {

struct Field {
  Field(std::string_view field_name, std::string_view field_value)
      : name(field_name), value(std::string(field_value)) {}
  Field(std::string_view field_name, const char* field_value)
      : name(field_name), value(std::string(field_value)) {}
  Field(std::string_view field_name, const std::string& field_value)
      : name(field_name), value(field_value) {}
  Field(std::string_view field_name, std::int64_t field_value)
      : name(field_name), value(field_value) {}
  Field(std::string_view field_name, int field_value)
      : name(field_name), value(std::int64_t{field_value}) {}
  Field(std::string_view field_name, double field_value) : name(field_name), value(field_value) {}

  std::string_view name;
  std::variant<std::string, std::int64_t, double> value;
};

using Fields = std::initializer_list<Field>;

enum class LogStyle : std::uint8_t {
  plain,     // a time and a level before each line
  journald,  // <priority>, the journal adds the time
  quiet,     // warnings and errors only, to stderr: verbs that print something else
};

class Log {
 public:
  explicit Log(LogStyle style);
  ~Log();

  void info(std::string_view event, Fields fields = {});
  void warn(std::string_view event, Fields fields = {});
  void error(std::string_view event, Fields fields = {});
  /// An error that comes again as long as its cause lasts: the same line is written once a minute,
  /// with how often it was left out. A full disk must not fill the log as well.
  void recurring(std::string_view event, Fields fields = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::telemetry
