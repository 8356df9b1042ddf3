// The console on the admin port: pages for people, the same documents as JSON under /api, and the
// orders that a person gives. Health, metrics and the status stay open (Admin); everything else
// needs the token, as a session of a browser or as `Authorization: Bearer TOKEN`.
//
// A change of state is a POST that proves to come from a page of ours. Pages are made on a thread
// of the console's own, so handle() never waits. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "core/value.hpp"
#include "daemon/answers/orders.hpp"
#include "daemon/answers/quarantine.hpp"
#include "daemon/answers/waiting.hpp"
#include "daemon/answers/why.hpp"
#include "daemon/console/admin.hpp"
#include "daemon/http/server.hpp"
#include "daemon/store/store.hpp"

namespace assembly_sync::console {

/// What stands in the workbench's form.
struct Draft {
  std::string file;  // of the configuration: its full path
  std::string text;
  std::string base;    // names the text that the writing began with
  std::string object;  // SOURCE.OBJECT
  std::string record;  // JSON
  std::string name;    // of the test that is saved
};

/// The workbench, see daemon/workbench.hpp for the documents.
struct WorkbenchPorts {
  std::function<core::Value(const std::string& file)> begin;
  std::function<core::Value(const std::string& object, const std::string& id)> record;
  std::function<core::Value(const Draft&)> try_out;
  std::function<core::Value(const Draft&)> save_test;
};

/// What the console is given by the composition root.
struct Ports {
  store::Store& store;
  const core::Clock& clock;
  /// answers::status of this process; throws when the store can't be read.
  std::function<core::Value()> status;
  /// The page for Prometheus; throws as `status` does.
  std::function<std::string()> metrics;
  /// A text that can't be guessed, another one each time.
  std::function<std::string()> new_secret;
  /// HOST:PORT of listen.admin, as configured.
  std::string listen_admin;
  /// What of a configuration's text may be shown.
  std::function<std::string(const std::string&)> shown_text;
  WorkbenchPorts workbench{};
  /// What the configuration in force says of a record or a webhook. Without them that is not told,
  /// and nothing can be retried.
  answers::Steps steps{};
  answers::WouldSend would_send{};
  answers::ReadsOf reads_of{};
  answers::Recheck recheck{};
};

class Console {
 public:
  explicit Console(Ports ports);
  /// Requests under way are dropped.
  ~Console();

  /// Whoever knows it may come in. Another one than before ends all sessions.
  void set_token(const core::Secret& token);
  /// Once a second: what the charts are drawn from.
  void sample();
  void handle(const http::Request& request, const http::Responder& responder);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assembly_sync::console
