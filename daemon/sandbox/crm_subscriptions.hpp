// The local HubSpot's management of an app's webhooks (/webhooks/v3/{appId}): its settings and its
// subscriptions, opened by the developer's key. What it holds decides nothing about which events
// are sent. Not thread-safe.
#pragma once

#include <map>
#include <string>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/http/server.hpp"
#include "daemon/sandbox/answer.hpp"

namespace assembly_sync::sandbox {

class CrmSubscriptions {
 public:
  CrmSubscriptions(const core::Clock& clock, std::string app_id, std::string developer_key);

  static bool is_asked(const http::Request& request);
  Outcome answer(const http::Request& request);

 private:
  Outcome settings(const http::Request& request);
  Outcome all(const http::Request& request);
  Outcome one(const http::Request& request, const std::string& id);
  Outcome create(const core::Value& body);
  std::string now() const;

  const core::Clock& clock_;
  const std::string root_;
  const std::string developer_key_;
  core::Value settings_;  // null = none yet
  std::map<std::string, core::Value> subscriptions_;
  int last_id_ = 0;
};

}  // namespace assembly_sync::sandbox
