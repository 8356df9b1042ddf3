#include "daemon/intake/webhooks.hpp"

#include <algorithm>
#include <exception>

#include "core/json.hpp"
#include "core/text.hpp"

namespace assembly_sync::intake {
namespace {

constexpr std::string_view kPrefix = "/hooks/";
constexpr std::int64_t kTouchMs = 1000;

http::Response error(int status, const std::string& what) {
  return http::json_response(status, core::dump_json(core::Value::object({{"error", what}})));
}

http::Response try_later(const std::string& what, const std::string& seconds) {
  http::Response response = error(503, what);
  response.headers.push_back({"Retry-After", seconds});
  return response;
}

std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown";
  }
}

/// For a human who looks into the quarantine; credentials stay out of the store.
std::string header_text(const std::vector<core::HttpHeader>& headers,
                        const connectors::Connector& connector) {
  std::string text;
  for (const core::HttpHeader& header : headers) {
    const std::string name = core::lower_ascii(header.name);
    if (name == "authorization" || name == "cookie" || connector.is_credential(name)) continue;
    text += header.name + ": " + header.value + '\n';
  }
  return text;
}

}  // namespace

Webhooks::Webhooks(std::vector<WebhookSource> sources, std::string public_url, store::Store& store,
                   core::Clock& clock, telemetry::Log& log, Answered answered)
    : public_url_(std::move(public_url)),
      store_(store),
      clock_(clock),
      log_(log),
      answered_(std::move(answered)) {
  for (WebhookSource& source : sources) {
    auto row = std::make_unique<Source>();
    row->name = source.name;
    row->connector = std::move(source.connector);
    sources_.emplace(source.name.str(), std::move(row));
  }
}

void Webhooks::handle(http::Request request, const http::Responder& responder) {
  if (!request.path.starts_with(kPrefix)) {
    responder.send(error(404, "webhooks arrive at /hooks/SOURCE"));
    return;
  }
  const Address address = find(std::string_view(request.path).substr(kPrefix.size()));
  if (address.source == nullptr) {
    responder.send(error(404, "no such source takes webhooks"));
    return;
  }
  const Answer answer{responder, address.source->name, answered_};
  if (request.method != "POST") {
    http::Response response = error(405, "expected POST");
    response.headers.push_back({"Allow", "POST"});
    answer.send(std::move(response));
    return;
  }
  if (const char* why = full_) {
    answer.send(try_later(why, "30"));
    return;
  }
  accept(address, std::move(request), answer);
}

void Webhooks::Answer::send(http::Response response) const {
  if (answered) answered(source, response.status);
  responder.send(std::move(response));
}

Webhooks::Address Webhooks::find(std::string_view path) const {
  const std::size_t slash = std::min(path.find('/'), path.size());
  const auto found = sources_.find(std::string(path.substr(0, slash)));
  if (found == sources_.end()) return {};
  if (slash == path.size()) return {found->second.get(), {}};
  const core::ObjectName object(path.substr(slash + 1));
  const auto& connector = *found->second->connector;
  const auto objects = connector.objects();
  if (!connector.takes_object_webhooks() ||
      std::find(objects.begin(), objects.end(), object) == objects.end()) {
    return {};
  }
  return {found->second.get(), object};
}

void Webhooks::accept(const Address& address, http::Request request, const Answer& answer) {
  Source& source = *address.source;
  const core::WallTime now = clock_.wall_now();
  const connectors::WebhookRequest webhook{request.method, public_url_ + request.target,
                                           request.headers, request.body};
  const connectors::Verification verification = source.connector->verify(webhook, now);
  if (!verification.ok) {
    // What exactly is wrong with it is not told to whom may be guessing.
    quarantine(source, request, verification.reason,
               source.verified_once ? error(401, "not verified") : try_later("not verified", "60"),
               answer);
    return;
  }
  source.verified_once = true;
  // Looked at now, because a body that can't be read is better told to the sender than kept.
  if (const auto decoded = source.connector->decode({request.body, address.object}); !decoded) {
    quarantine(source, request, decoded.error().message, error(400, decoded.error().message),
               answer);
    return;
  }
  // One webhook a second is sign of life enough; in a flood it would be a third of the work.
  const bool touch = core::to_ms(now) - source.touched_ms >= kTouchMs;
  if (touch) source.touched_ms = core::to_ms(now);
  store_.write_async(
      store::Urgency::live,
      [name = source.name, object = address.object, body = std::move(request.body),
       delivery = verification.delivery, now, touch](store::Tx& tx) {
        // Sent again because our answer got lost: it must not count as news a second time.
        if (!tx.has_receipt(name, delivery, body)) {
          tx.add_receipt(name, core::to_ms(now), body, object, delivery);
        }
        if (touch) tx.touch_source(name, true, core::to_ms(now));
      },
      // Called by the store, which lives longer than this.
      [&log = log_, answer,
       taken = source.connector->acknowledgement()](const std::exception_ptr& failure) {
        if (!failure) {
          http::Response response{200, {}, taken.body, false};
          if (!taken.content_type.empty()) {
            response.headers.push_back({"Content-Type", taken.content_type});
          }
          answer.send(std::move(response));
          return;
        }
        log.recurring("receipt_not_stored",
                      {{"what", "the webhook was answered 503"}, {"error", text_of(failure)}});
        answer.send(try_later("the webhook could not be stored", "10"));
      });
}

void Webhooks::quarantine(Source& source, const http::Request& request, const std::string& reason,
                          http::Response response, const Answer& answer) {
  store::QuarantinedWebhook webhook;
  webhook.source = source.name;
  webhook.received_ms = core::to_ms(clock_.wall_now());
  webhook.reason = reason;
  webhook.headers = header_text(request.headers, *source.connector);
  webhook.body = request.body;
  webhook.path = request.target.substr(0, request.target.find('?'));
  log_.warn("webhook_quarantined",
            {{"source", source.name.str()}, {"reason", reason}, {"answer", response.status}});
  store_.write_async(
      store::Urgency::live,
      [webhook = std::move(webhook)](store::Tx& tx) { tx.quarantine(webhook); },
      [answer, response = std::move(response)](const std::exception_ptr&) {
        answer.send(response);  // it is the same whether or not the webhook could be kept
      });
}

}  // namespace assembly_sync::intake
