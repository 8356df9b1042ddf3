// The door of the console: who is let in, how a browser signs in and out, and what an order must
// show before it is followed. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "daemon/console/auth.hpp"
#include "daemon/console/page.hpp"
#include "daemon/http/server.hpp"

namespace assembly_sync::console {

class Entrance {
 public:
  Entrance(const core::Clock& clock, std::function<std::string()> new_secret,
           std::string listen_admin);

  void set_token(const core::Secret& token) { auth_.set_token(token); }

  /// The answer to a request that is not to be looked at, whoever sends it: to another name than
  /// ours.
  std::optional<http::Response> check(const http::Request& request) const;
  /// The form, and what comes of it.
  http::Response login(const http::Request& request);
  /// The session that the request belongs to, one without ids for a bearer token; else the answer:
  /// to browsers the way to the form, to programs 401.
  tl::expected<Session, http::Response> who(const http::Request& request);
  /// Reads the form of a POST into `visit`. The answer to one that no page of ours sent.
  std::optional<http::Response> check_order(Visit& visit) const;
  http::Response logout(const Visit& visit);

  /// Shown on the session's next page.
  void tell(const Session& session, std::string text) { auth_.tell(session.id, std::move(text)); }
  std::string take_told(const Session& session) { return auth_.take_told(session.id); }

 private:
  Auth auth_;
  const std::string listen_admin_;
};

}  // namespace assembly_sync::console
