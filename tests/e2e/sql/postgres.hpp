// A PostgreSQL server of the test's own: a fresh cluster in a temporary folder, reached through a
// socket in it and over no network. As root it runs under an unprivileged user. It ends with the
// test, whatever happens. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/support/support.hpp"

struct pg_conn;

namespace assembly_sync::test {

class Postgres {
 public:
  /// Throws std::runtime_error, with what the server wrote, when it can't be started. The user
  /// `locked` needs its password `right`; everybody else may come in.
  Postgres();
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  /// What `host` is to a client.
  std::string folder() const { return socket_; }

 private:
  void stop();
  std::string start(const std::string& program, const std::string& arguments) const;

  TempDir folder_;
  std::string socket_;
  pid_t pid_ = -1;
};

/// A session as the program's users would have one.
class PgClient {
 public:
  explicit PgClient(const Postgres& server);
  ~PgClient();
  PgClient(const PgClient&) = delete;
  PgClient& operator=(const PgClient&) = delete;

  /// Rows of texts; NULL is "NULL". Throws std::runtime_error with the server's message.
  std::vector<std::vector<std::string>> run(const std::string& statements);

 private:
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> connection_;
};

}  // namespace assembly_sync::test
