#include "tests/e2e/sql/postgres.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/e2e/daemon_process.hpp"

namespace assembly_sync::test {
namespace {

namespace fs = std::filesystem;

/// The programs of the newest version that is installed.
fs::path programs() {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none)) {
    if (fs::exists(version.path() / "bin" / "initdb")) found.push_back(version.path() / "bin");
  }
  if (found.empty()) throw std::runtime_error("PostgreSQL is missing: install postgresql-15");
  return *std::max_element(found.begin(), found.end());
}

const passwd& unprivileged() {
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) user = ::getpwnam("nobody");
  if (user == nullptr) throw std::runtime_error("no unprivileged user to run PostgreSQL as");
  return *user;
}

}  // namespace

/// The line that starts one of PostgreSQL's programs, which refuse to run as root.
std::string Postgres::start(const std::string& program, const std::string& arguments) const {
  std::string line = "exec setpriv --pdeathsig INT ";
  if (::geteuid() == 0) {
    const passwd& user = unprivileged();
    line += "--reuid=" + std::to_string(user.pw_uid) + " --regid=" + std::to_string(user.pw_gid) +
            " --clear-groups ";
  }
  return line + (programs() / program).string() + ' ' + arguments + " >>" + socket_ + "/log 2>&1";
}

Postgres::Postgres() : socket_(folder_.path().string()) {
  if (::geteuid() == 0 && ::chown(socket_.c_str(), unprivileged().pw_uid, 0) != 0) {
    throw std::runtime_error("no folder for PostgreSQL");
  }
  const std::string data = socket_ + "/data";
  const std::string log = socket_ + "/log";
  const std::string init =
      start("initdb", "-D " + data + " -A trust -U postgres -E UTF8 --locale=C --no-sync");
  if (std::system(("cd / && (" + init + ")").c_str()) != 0) {
    throw std::runtime_error("PostgreSQL's initdb failed: " + read_file(log));
  }
  write_file(data + "/pg_hba.conf", "local all locked scram-sha-256\nlocal all all trust\n");
  const std::string server =
      start("postgres", "-D " + data + " -k " + socket_ + " -c listen_addresses= -c fsync=off");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::execl("/bin/sh", "sh", "-c", ("cd / && " + server).c_str(), nullptr);
    ::_exit(127);
  }
  const std::string place = "host=" + socket_ + " user=postgres dbname=postgres";
  const bool ready = wait_until([&] { return PQping(place.c_str()) == PQPING_OK; });
  if (!ready) {
    stop();
    throw std::runtime_error("PostgreSQL does not answer: " + read_file(log));
  }
  PgClient(*this).run("CREATE ROLE locked LOGIN PASSWORD 'right'");
}

Postgres::~Postgres() {
  stop();
}

void Postgres::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGQUIT);  // at once; nothing of it is kept
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

PgClient::PgClient(const Postgres& server)
    : connection_(
          PQconnectdb(("host=" + server.folder() + " user=postgres dbname=postgres").c_str()),
          PQfinish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
  run("SET client_min_messages = warning");
}

PgClient::~PgClient() = default;

std::vector<std::vector<std::string>> PgClient::run(const std::string& statements) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexec(connection_.get(), statements.c_str()), PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
    throw std::runtime_error(PQresultErrorMessage(result.get()));
  }
  std::vector<std::vector<std::string>> rows;
  for (int r = 0; r < PQntuples(result.get()); ++r) {
    auto& row = rows.emplace_back();
    for (int c = 0; c < PQnfields(result.get()); ++c) {
      row.emplace_back(PQgetisnull(result.get(), r, c) != 0 ? "NULL"
                                                            : PQgetvalue(result.get(), r, c));
    }
  }
  return rows;
}

}  // namespace assembly_sync::test
