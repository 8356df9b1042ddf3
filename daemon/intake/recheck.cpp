#include "daemon/intake/recheck.hpp"

#include <algorithm>
#include <sstream>

#include "core/clock.hpp"
#include "core/http.hpp"
#include "daemon/intake/hook_plan.hpp"

namespace assembly_sync::intake {
namespace {

/// As the quarantine keeps them: `name: value`, one a line.
std::vector<core::HttpHeader> headers_of(const std::string& text) {
  std::vector<core::HttpHeader> headers;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
  }
  return headers;
}

/// The object that the path names behind the source; empty when it names none.
core::ObjectName object_of(const std::string& path, const core::SourceName& source,
                           const connectors::Connector& connector) {
  const std::string hook = hook_url("", source) + '/';
  const std::string decoded = core::percent_decode(path).value_or(path);
  if (!connector.takes_object_webhooks() || !decoded.starts_with(hook)) return {};
  return core::ObjectName(decoded.substr(hook.size()));
}

}  // namespace

Rechecked recheck(const connectors::Connector& connector, const std::string& public_url,
                  const store::QuarantinedWebhook& webhook, bool unverified) {
  const std::string path = webhook.path.empty() ? hook_url("", webhook.source) : webhook.path;
  Rechecked result;
  result.object = object_of(path, webhook.source, connector);
  if (!unverified) {
    const connectors::Verification verification =
        connector.verify({"POST", public_url + path, headers_of(webhook.headers), webhook.body},
                         core::from_ms(webhook.received_ms));
    if (!verification.ok) {
      result.reason = verification.reason;
      return result;
    }
    result.delivery = verification.delivery;
  }
  if (const auto notices = connector.decode({webhook.body, result.object}); !notices) {
    result.reason = notices.error().message;
    return result;
  }
  result.taken = true;
  return result;
}

}  // namespace assembly_sync::intake
