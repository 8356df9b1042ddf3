#include "connectors/sql/pg_session.hpp"

#include <algorithm>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>

#include "connectors/sql/database.hpp"

namespace assembly_sync::connectors::sql {
namespace {

using Kind = ReadError::Kind;

constexpr int kConnectMs = 10'000;  // of silence while a connection is made
constexpr std::size_t kIdleConnections = 2;

using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

std::string line_of(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

Kind kind_of(const std::string& state) {
  const std::string family = state.substr(0, 2);
  if (family == "28") return Kind::unauthorized;
  // Connection lost, out of resources, shutting down or cancelled, deadlock, lock not to be had.
  for (const char* again : {"08", "53", "57", "40", "58"}) {
    if (family == again) return Kind::transient;
  }
  return state == "55P03" ? Kind::transient : Kind::rejected;
}

/// Messages about data show it in quotes; those about names, too, but may.
std::string without_values(const std::string& state, std::string message) {
  if (!state.starts_with("22") && !state.starts_with("23") && !state.starts_with("P0")) {
    return message;
  }
  const std::size_t first = message.find('"');
  return first == std::string::npos ? message : message.substr(0, first) + "\"…\"";
}

tl::unexpected<ReadError> server_error(const std::string& state, std::string message,
                                       int timeout_seconds) {
  if (state == "57014") {
    return failure(Kind::transient, "expected an answer within timeout_seconds (" +
                                        std::to_string(timeout_seconds) +
                                        "), got none: the query is too slow, or waits for a lock "
                                        "(SQLSTATE 57014)");
  }
  return failure(kind_of(state),
                 without_values(state, std::move(message)) + " (SQLSTATE " + state + ')');
}

/// The SQLSTATE in libpq's verbose text, `FATAL:  28P01: password …`: of a connection that could
/// not be made there is nothing else.
std::optional<std::pair<std::string, std::string>> state_in(const std::string& text) {
  for (std::size_t at = text.find(":  "); at != std::string::npos; at = text.find(":  ", at + 1)) {
    const std::string state = text.substr(at + 3, 5);
    const bool plausible = state.size() == 5 && text.substr(at + 8, 2) == ": " &&
                           std::all_of(state.begin(), state.end(), [](char c) {
                             return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                           });
    if (!plausible) continue;
    const std::string rest = text.substr(at + 10);
    return std::pair(state, rest.substr(0, rest.find('\n')));
  }
  return std::nullopt;
}

/// Reads and writes until the connection stands; false when it can't be had.
bool finish_connecting(PGconn* connection) {
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;) {
    if (state == PGRES_POLLING_FAILED) return false;
    pollfd wait{};
    wait.fd = PQsocket(connection);
    wait.events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (::poll(&wait, 1, kConnectMs) == 0) return false;
    state = PQconnectPoll(connection);
  }
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  return true;
}

PgResult texts_of(const PGresult* result) {
  PgResult out;
  const int columns = PQnfields(result);
  for (int i = 0; i < columns; ++i) {
    out.columns.emplace_back(PQfname(result, i));
    out.types.push_back(PQftype(result, i));
  }
  const int rows = PQntuples(result);
  out.rows.reserve(static_cast<std::size_t>(rows));
  for (int r = 0; r < rows; ++r) {
    auto& row = out.rows.emplace_back();
    for (int i = 0; i < columns; ++i) {
      if (PQgetisnull(result, r, i) != 0) {
        row.emplace_back();
      } else {
        row.emplace_back(std::in_place, PQgetvalue(result, r, i),
                         static_cast<std::size_t>(PQgetlength(result, r, i)));
      }
    }
  }
  return out;
}

}  // namespace

PgSessions::PgSessions(PgSettings settings) : settings_(std::move(settings)) {}
PgSessions::~PgSessions() = default;

ReadResult<PgSessions::Connection> PgSessions::open() const {
  const std::string password(settings_.password.reveal());
  std::vector<const char*> names;
  std::vector<const char*> values;
  const auto add = [&](const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  };
  for (const auto& [name, value] : settings_.words) add(name.c_str(), value.c_str());
  if (!password.empty()) add("password", password.c_str());
  add("application_name", "assembly-sync");
  add("client_encoding", "UTF8");
  add("keepalives_idle", "30");
  add("tcp_user_timeout", "60000");
  add(nullptr, nullptr);
  Connection connection(PQconnectStartParams(names.data(), values.data(), 0), PQfinish);
  if (!connection || PQstatus(connection.get()) == CONNECTION_BAD ||
      !finish_connecting(connection.get())) {
    const std::string text = connection ? PQerrorMessage(connection.get()) : "";
    if (const auto state = state_in(text)) {
      ReadError error =
          server_error(state->first, state->second, settings_.timeout_seconds).value();
      error.reason = std::string(kNoConnection) + error.reason;
      return tl::unexpected(std::move(error));
    }
    return failure(Kind::transient,
                   std::string(kNoConnection) + (text.empty() ? "no answer" : line_of(text)));
  }
  const auto begun = run_on(connection,
                            "SELECT set_config('default_transaction_read_only', 'on', false), "
                            "set_config('statement_timeout', $1, false), "
                            "set_config('TimeZone', 'UTC', false), "
                            "set_config('DateStyle', 'ISO', false)",
                            {std::to_string(settings_.timeout_seconds * 1000)});
  if (!begun) return tl::unexpected(begun.error());
  return connection;
}

ReadResult<PgResult> PgSessions::run_on(const Connection& connection, const std::string& statement,
                                        const std::vector<std::string>& values) const {
  std::vector<const char*> texts;
  texts.reserve(values.size());
  for (const std::string& value : values) texts.push_back(value.c_str());
  const Result result(
      PQexecParams(connection.get(), statement.c_str(), static_cast<int>(texts.size()), nullptr,
                   texts.data(), nullptr, nullptr, 0),
      PQclear);
  if (result && PQresultStatus(result.get()) == PGRES_TUPLES_OK) return texts_of(result.get());
  const char* state = result ? PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) : nullptr;
  if (state == nullptr) {
    return failure(Kind::transient,
                   "connection lost: " + line_of(PQerrorMessage(connection.get())));
  }
  const char* message = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
  return server_error(state, message == nullptr ? "no message" : message,
                      settings_.timeout_seconds);
}

std::optional<PgSessions::Connection> PgSessions::take_idle() const {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::nullopt;
  Connection connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void PgSessions::give_back(Connection connection) const {
  if (PQstatus(connection.get()) != CONNECTION_OK) return;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleConnections) idle_.push_back(std::move(connection));
}

ReadResult<PgResult> PgSessions::run(const std::string& statement,
                                     const std::vector<std::string>& values) const {
  while (auto idle = take_idle()) {
    auto result = run_on(*idle, statement, values);
    if (PQstatus(idle->get()) != CONNECTION_OK) continue;  // it died while nobody used it
    give_back(std::move(*idle));
    return result;
  }
  auto opened = open();
  if (!opened) return tl::unexpected(opened.error());
  auto result = run_on(*opened, statement, values);
  give_back(std::move(*opened));
  return result;
}

}  // namespace assembly_sync::connectors::sql
