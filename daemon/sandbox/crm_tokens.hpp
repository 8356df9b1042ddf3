// The local HubSpot's OAuth token endpoint (POST /oauth/v3/token, grant refresh_token) and the
// access tokens it has given out. Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "daemon/http/server.hpp"

namespace assembly_sync::sandbox {

class CrmTokens {
 public:
  CrmTokens(const core::Clock& clock, std::string client_id, std::string client_secret,
            std::string refresh_token);

  /// A token of 30 minutes, or 400 BAD_REFRESH_TOKEN and the like.
  http::Response answer(const http::Request& request);
  /// `authorization`: the whole header, `Bearer …`.
  bool was_given(std::string_view authorization) const;
  bool is_good(std::string_view authorization) const;
  /// All that were given out are over.
  void expire();

 private:
  const core::Clock& clock_;
  const std::string client_id_;
  const std::string client_secret_;
  const std::string refresh_token_;
  std::map<std::string, core::WallTime, std::less<>> until_;
};

}  // namespace assembly_sync::sandbox
