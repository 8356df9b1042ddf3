// Webhooks: step 1. POST /hooks/SOURCE, for some sources also /hooks/SOURCE/OBJECT -> verified by
// the source's connector -> the raw body durable in the inbox -> 200. What can't be verified goes
// to the quarantine; it is answered 503 until this source has verified something since its secret
// was loaded, because the likely cause is then our own wrong secret or public URL, and a 4xx would
// make the sender give the events up for good.
//
// Thread-safe; handle() must not block and does not.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/connector.hpp"
#include "core/clock.hpp"
#include "daemon/http/server.hpp"
#include "daemon/store/store.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::intake {

struct WebhookSource {
  core::SourceName name;
  std::shared_ptr<const connectors::Connector> connector;
};

class Webhooks {
 public:
  /// Told the status of each answer to a webhook of a source; from any thread.
  using Answered = std::function<void(const core::SourceName& source, int status)>;

  Webhooks(std::vector<WebhookSource> sources, std::string public_url, store::Store& store,
           core::Clock& clock, telemetry::Log& log, Answered answered = {});

  void handle(http::Request request, const http::Responder& responder);

  /// Why senders are told to wait (I12), a literal; nullptr = they are not.
  void set_full(const char* why) { full_ = why; }

 private:
  struct Source {
    core::SourceName name;
    std::shared_ptr<const connectors::Connector> connector;
    std::atomic<bool> verified_once{false};
    std::atomic<std::int64_t> touched_ms{0};  // when the store was last told that it is alive
  };
  /// Where a path leads; no source when nowhere.
  struct Address {
    Source* source = nullptr;
    core::ObjectName object;
  };
  /// Where an answer goes, and who is told of it. Outlives this.
  struct Answer {
    http::Responder responder;
    core::SourceName source;
    Answered answered;
    void send(http::Response response) const;
  };
  Address find(std::string_view path) const;
  void accept(const Address& address, http::Request request, const Answer& answer);
  void quarantine(Source& source, const http::Request& request, const std::string& reason,
                  http::Response response, const Answer& answer);

  // Constant after construction.
  std::map<std::string, std::unique_ptr<Source>> sources_;
  const std::string public_url_;
  store::Store& store_;
  core::Clock& clock_;
  telemetry::Log& log_;
  const Answered answered_;
  std::atomic<const char*> full_{nullptr};
};

}  // namespace assembly_sync::intake
