#include "daemon/sandbox/sandbox.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <mutex>
#include <optional>

#include "core/json.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"
#include "daemon/http/server.hpp"
#include "daemon/sandbox/control.hpp"
#include "daemon/sandbox/limiter.hpp"
#include "daemon/sandbox/model.hpp"
#include "daemon/sandbox/recorder.hpp"
#include "daemon/sandbox/responses.hpp"
#include "daemon/sandbox/router.hpp"

namespace assembly_sync::sandbox {
namespace {

constexpr std::string_view kControlPrefix = "/_sandbox/";
constexpr std::size_t kJournalPage = 10'000;

/// How an answer goes out.
struct Reply {
  enum class Way : std::uint8_t { whole, cut, none };
  http::Response response;
  Way way = Way::whole;
  std::chrono::milliseconds delay{0};
};

void deliver(const http::Responder& responder, Reply reply) {
  switch (reply.way) {
    case Reply::Way::none:
      responder.abort();
      return;
    case Reply::Way::cut:
      responder.abort(first_half(reply.response));
      return;
    case Reply::Way::whole:
      break;
  }
  if (reply.delay.count() > 0) {
    responder.send_after(reply.delay, std::move(reply.response));
  } else {
    responder.send(std::move(reply.response));
  }
}

bool concerns(const Fault& fault, const http::Request& request) {
  return (fault.method.empty() || fault.method == request.method) &&
         request.target.find(fault.path_contains) != std::string::npos;
}

}  // namespace

class Sandbox::Impl {
 public:
  Impl(SandboxOptions options, core::Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        jitter_(core::make_seeded_random(options_.seed)),
        server_("127.0.0.1:" + std::to_string(options_.port),
                [this](http::Request request, http::Responder responder) {
                  handle(std::move(request), responder);
                }) {
    reset(options_.switches);
    server_.start();
  }

  ~Impl() { server_.stop(std::chrono::milliseconds{0}); }

  std::string url() const { return server_.url(); }

  void add_fault(Fault fault) {
    const std::lock_guard lock(mutex_);
    if (fault.count > 0) faults_.push_back(std::move(fault));
  }

  void set_key_revoked(bool revoked) {
    const std::lock_guard lock(mutex_);
    key_revoked_ = revoked;
  }

  void set_switches(const Switches& switches) {
    const std::lock_guard lock(mutex_);
    model_->set_switches(switches);
  }

  void reset(const Switches& switches) {
    const std::lock_guard lock(mutex_);
    model_.emplace(switches, clock_, options_.seed);
    limiter_ = make_limiter(options_.limiter, options_.rate_per_second, options_.bucket_burst,
                            options_.seed);
    recorder_ = Recorder();
    faults_.clear();
    key_revoked_ = false;
  }

  template <class Read>
  auto read(Read&& read_state) const {
    const std::lock_guard lock(mutex_);
    return read_state(*this);
  }

  void clear_journal() {
    const std::lock_guard lock(mutex_);
    recorder_.clear_journal();
  }

  const Model& model() const { return *model_; }
  const Recorder& recorder() const { return recorder_; }

 private:
  const Switches& switches() const { return model_->switches(); }

  void handle(http::Request request, const http::Responder& responder) {
    if (request.path.starts_with(kControlPrefix)) {
      responder.send(control(request));
      return;
    }
    deliver(responder, [&] {
      const std::lock_guard lock(mutex_);
      return judge(std::move(request));
    }());
  }

  /// Limit, then fault, then key, then the operation itself.
  Reply judge(http::Request request) {
    const auto since_epoch = clock_.steady_now().time_since_epoch();
    JournalEntry entry;
    entry.arrived_us = std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
    entry.number = recorder_.arrive(entry.arrived_us);
    entry.method = request.method;
    entry.target = request.target;
    const bool counts = !switches().only_writes_count || request.method != "GET";
    const bool refused = counts && !limiter_->admit(entry.arrived_us, switches().refused_counts);
    Reply reply = refused ? too_many() : answer(request, entry);
    reply.delay += latency();
    entry.status = reply.way == Reply::Way::none ? 0 : reply.response.status;
    entry.body = std::move(request.body);
    recorder_.finish(std::move(entry), refused);
    return reply;
  }

  Reply too_many() const {
    Reply reply{
        error_response(429, "rate limit exceeded", switches().error_body), Reply::Way::whole, {}};
    if (switches().retry_after == RetryAfter::seconds) {
      reply.response.headers.push_back({"Retry-After", "1"});
    } else if (switches().retry_after == RetryAfter::date) {
      const core::WallTime then = clock_.wall_now() + std::chrono::seconds(1);
      reply.response.headers.push_back({"Retry-After", http_date(then)});
    }
    return reply;
  }

  Reply answer(const http::Request& request, JournalEntry& entry) {
    const auto fault = take_fault(request);
    if (fault && fault->kind == Fault::Kind::status) return failing(*fault);
    if (fault && fault->kind == Fault::Kind::drop_before) return {{}, Reply::Way::none, {}};
    if (fault && fault->kind == Fault::Kind::key_revoked) key_revoked_ = true;
    Reply reply{operate(request), Reply::Way::whole, {}};
    entry.processed = reply.response.status < 300;
    if (!fault) return reply;
    switch (fault->kind) {
      case Fault::Kind::drop_after:
        reply.way = Reply::Way::none;
        break;
      case Fault::Kind::truncated:
        reply.way = Reply::Way::cut;
        break;
      case Fault::Kind::malformed:
        if (reply.response.status == 204) reply.response.status = 200;
        reply.response.body = reply.response.body.empty()
                                  ? "{"
                                  : reply.response.body.substr(0, reply.response.body.size() - 1);
        break;
      case Fault::Kind::delay:
        reply.delay = fault->delay;
        break;
      case Fault::Kind::status:
      case Fault::Kind::drop_before:
      case Fault::Kind::key_revoked:
        break;  // done above
    }
    return reply;
  }

  Reply failing(const Fault& fault) const {
    Reply reply{error_response(fault.status, "fault on request", switches().error_body),
                Reply::Way::whole,
                {}};
    if (!fault.retry_after.empty()) {
      reply.response.headers.push_back({"Retry-After", fault.retry_after});
    }
    return reply;
  }

  std::optional<Fault> take_fault(const http::Request& request) {
    const auto found = std::find_if(faults_.begin(), faults_.end(),
                                    [&](const Fault& fault) { return concerns(fault, request); });
    if (found == faults_.end()) return std::nullopt;
    const Fault fault = *found;
    if (--found->count == 0) faults_.erase(found);
    return fault;
  }

  http::Response operate(const http::Request& request) {
    const ErrorBody shape = switches().error_body;
    if (!key_is_right(request)) {
      return error_response(switches().key_problem_status, "Invalid API Key", shape);
    }
    return response_of(route(*model_, request), shape);
  }

  /// The header is the raw key, without a scheme (F3).
  bool key_is_right(const http::Request& request) const {
    const auto key = core::find_header(request.headers, "Authorization");
    if (!key || key->empty() || key_revoked_) return false;
    return options_.api_key.empty() || core::equal_constant_time(*key, options_.api_key);
  }

  std::chrono::milliseconds latency() {
    const double swing =
        (jitter_->unit() * 2 - 1) * static_cast<double>(options_.latency_jitter.count());
    const auto latency = options_.latency + std::chrono::milliseconds(std::llround(swing));
    return std::max(latency, std::chrono::milliseconds{0});
  }

  http::Response control(const http::Request& request) {
    const std::string what = request.path.substr(kControlPrefix.size());
    if (request.method == "GET") return show(what, request);
    if (request.method == "POST") return steer(what, request);
    return error_response(405, "method not allowed");
  }

  http::Response show(const std::string& what, const http::Request& request) const {
    const std::lock_guard lock(mutex_);
    core::Value out;
    if (what == "stats") {
      out = to_value(recorder_.stats());
    } else if (what == "journal") {
      std::uint64_t since = 0;
      if (const std::string* text = request.parameter("since")) {
        std::from_chars(text->data(), text->data() + text->size(), since);
      }
      out = to_value(recorder_.after(since, kJournalPage));
    } else if (what == "accounts" || what == "contacts") {
      out = model_->items(what == "accounts" ? ItemKind::account : ItemKind::contact);
    } else if (what == "labels") {
      out = model_->labels();
    } else if (what == "usage") {
      out = model_->usage();
    } else if (what == "switches") {
      out = to_value(switches());
    } else {
      return error_response(404, "no such endpoint");
    }
    if (out.is_list()) out = core::Value::object({{what, std::move(out)}});
    return http::json_response(200, core::dump_json(out));
  }

  http::Response steer(const std::string& what, const http::Request& request) {
    if (what == "reset") {
      reset(options_.switches);
      return http::json_response(200, "{}");
    }
    const auto body = core::parse_json(request.body);
    if (!body) return error_response(400, body.error().message);
    if (what == "faults") {
      auto fault = fault_from(*body);
      if (!fault) return error_response(400, fault.error().message);
      add_fault(std::move(*fault));
    } else if (what == "switches") {
      return steer_switches(*body);
    } else if (what == "key") {
      if (!body->at("revoked").is_bool()) return error_response(400, "revoked must be a bool");
      set_key_revoked(body->at("revoked").as_bool());
    } else {
      return error_response(404, "no such endpoint");
    }
    return http::json_response(200, "{}");
  }

  http::Response steer_switches(const core::Value& body) {
    const std::lock_guard lock(mutex_);
    const auto changed = with_switches(switches(), body);
    if (!changed) return error_response(400, changed.error().message);
    model_->set_switches(*changed);
    return http::json_response(200, core::dump_json(to_value(*changed)));
  }

  const SandboxOptions options_;
  core::Clock& clock_;
  mutable std::mutex mutex_;
  std::optional<Model> model_;
  std::unique_ptr<Limiter> limiter_;
  std::unique_ptr<core::Random> jitter_;
  Recorder recorder_;
  std::deque<Fault> faults_;
  bool key_revoked_ = false;
  http::Server server_;  // last: its thread uses all of the above
};

Sandbox::Sandbox(SandboxOptions options, core::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
Sandbox::~Sandbox() = default;

std::string Sandbox::url() const {
  return impl_->url();
}
void Sandbox::add_fault(Fault fault) {
  impl_->add_fault(std::move(fault));
}
void Sandbox::set_key_revoked(bool revoked) {
  impl_->set_key_revoked(revoked);
}

std::vector<core::Value> Sandbox::accounts() const {
  return impl_->read([](const Impl& impl) { return impl.model().items(ItemKind::account); });
}
std::vector<core::Value> Sandbox::contacts() const {
  return impl_->read([](const Impl& impl) { return impl.model().items(ItemKind::contact); });
}
std::vector<core::Value> Sandbox::labels() const {
  return impl_->read([](const Impl& impl) { return impl.model().labels(); });
}
std::vector<core::Value> Sandbox::usage() const {
  return impl_->read([](const Impl& impl) { return impl.model().usage(); });
}
std::vector<JournalEntry> Sandbox::journal() const {
  return impl_->read([](const Impl& impl) { return impl.recorder().journal(); });
}
void Sandbox::set_switches(const Switches& switches) {
  impl_->set_switches(switches);
}
void Sandbox::reset(const Switches& switches) {
  impl_->reset(switches);
}
void Sandbox::clear_journal() {
  impl_->clear_journal();
}
Sandbox::Stats Sandbox::stats() const {
  return impl_->read([](const Impl& impl) { return impl.recorder().stats(); });
}

}  // namespace assembly_sync::sandbox
