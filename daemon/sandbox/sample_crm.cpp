#include "daemon/sandbox/sample_crm.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>

#include "core/json.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"
#include "daemon/http/server.hpp"
#include "daemon/sandbox/crm_api.hpp"
#include "daemon/sandbox/crm_directory.hpp"
#include "daemon/sandbox/crm_samples.hpp"
#include "daemon/sandbox/crm_signature.hpp"
#include "daemon/sandbox/crm_store.hpp"
#include "daemon/sandbox/crm_subscriptions.hpp"
#include "daemon/sandbox/crm_tokens.hpp"

namespace assembly_sync::sandbox {
namespace {

/// Between two sample records, so that searches by modified date have something to tell apart.
constexpr std::int64_t kSampleStepMs = 1000;
constexpr std::int64_t kSampleAgeMs = 90LL * 24 * 3600 * 1000;

CrmObject object_named(const std::string& name) {
  const auto object = parse_crm_object(name);
  if (!object) throw std::invalid_argument("the sample CRM has no object " + name);
  return *object;
}

/// 0, which no record has, when it is no number.
CrmId to_id(const std::string& text) {
  return parse_crm_id(text).value_or(0);
}

/// The path with its numbers replaced: what calls are counted by.
std::string without_ids(const std::string& path) {
  std::string out;
  for (std::size_t start = 0; start < path.size();) {
    const std::size_t end = std::min(path.find('/', start + 1), path.size());
    const std::string segment = path.substr(start + 1, end - start - 1);
    const bool id =
        !segment.empty() && segment.find_first_not_of("0123456789") == std::string::npos;
    out += "/" + (id ? "{id}" : segment);
    start = end;
  }
  return out;
}

struct CrmFault {
  std::string path_contains;
  int status = 500;
  int count = 1;
  std::vector<core::HttpHeader> headers;
};

}  // namespace

class SampleCrm::Impl {
 public:
  Impl(SampleCrmOptions options, core::Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        random_(core::make_seeded_random(options_.seed)),
        delays_(core::make_seeded_random(options_.seed)),
        store_(clock),
        tokens_(clock, options_.client_id, options_.client_secret, options_.refresh_token),
        subscriptions_(clock, options_.app_id, options_.developer_api_key),
        api_(store_, directory_, clock, UuidMaker(clock, options_.seed)),
        server_("127.0.0.1:" + std::to_string(options_.port),
                [this](const http::Request& request, const http::Responder& responder) {
                  respond(request, responder);
                }) {
    server_.start();
  }

  ~Impl() { server_.stop(std::chrono::milliseconds{0}); }

  std::string url() const { return server_.url(); }

  void populate(std::size_t companies, std::size_t contacts) {
    const std::lock_guard lock(mutex_);
    const auto newest = core::to_ms(clock_.wall_now());
    for (std::size_t i = 0; i < companies; ++i) {
      store_.fill(CrmObject::companies, sample_company(sampled_companies_++, *random_),
                  times(newest, companies - i));
    }
    std::vector<const CrmRecord*> employers;
    for (const auto& [id, company] : store_.records(CrmObject::companies)) {
      if (!company.archived_ms) employers.push_back(&company);
    }
    if (contacts > 0 && employers.empty()) throw std::invalid_argument("contacts need a company");
    for (std::size_t i = 0; i < contacts; ++i) {
      const CrmRecord& employer = *employers[random_->next() % employers.size()];
      const SampleCompanyRef company{std::to_string(employer.id), text_of(employer, "name"),
                                     text_of(employer, "domain")};
      store_.fill(CrmObject::contacts, sample_contact(sampled_contacts_++, company, *random_),
                  times(newest, contacts - i));
    }
  }

  CrmMergeRule merge_rule() const { return options_.merge_rule; }

  template <class Use>
  auto with_store(Use&& use) {
    const std::lock_guard lock(mutex_);
    return use(store_);
  }

  template <class Use>
  void with_directory(Use&& use) {
    const std::lock_guard lock(mutex_);
    use(directory_);
  }
  template <class Use>
  void with_tokens(Use&& use) {
    const std::lock_guard lock(mutex_);
    use(tokens_);
  }

  core::HttpRequest webhook(const std::vector<core::Value>& events, const std::string& public_url,
                            const std::string& deliver_to) const {
    core::HttpRequest request;
    request.method = "POST";
    request.url = deliver_to;
    request.body = core::dump_json(core::Value(events));
    const std::string timestamp = std::to_string(core::to_ms(clock_.wall_now()));
    const std::string& secret = options_.client_secret;
    request.headers = {
        {"Content-Type", "application/json"},
        {"X-HubSpot-Signature", crm_signature_v1(secret, request.body)},
        {"X-HubSpot-Signature-Version", "v1"},
        {"X-HubSpot-Signature-v3",
         crm_signature_v3(secret, request.method, public_url, request.body, timestamp)},
        {"X-HubSpot-Request-Timestamp", timestamp}};
    return request;
  }

  std::vector<std::pair<std::string, std::uint64_t>> calls() const {
    const std::lock_guard lock(mutex_);
    return {calls_.begin(), calls_.end()};
  }

  void add_fault(CrmFault fault) {
    const std::lock_guard lock(mutex_);
    if (fault.count > 0) faults_.push_back(std::move(fault));
  }

  void set_access_token(std::string token) {
    const std::lock_guard lock(mutex_);
    options_.access_token = std::move(token);
  }

  void set_scope(const std::string& scope, bool granted) {
    const std::lock_guard lock(mutex_);
    if (granted) {
      revoked_scopes_.erase(scope);
    } else {
      revoked_scopes_.insert(scope);
    }
  }

 private:
  static CrmTimes times(std::int64_t newest_ms, std::size_t steps_back) {
    const std::int64_t modified = newest_ms - static_cast<std::int64_t>(steps_back) * kSampleStepMs;
    return {modified - kSampleAgeMs, modified};
  }

  static std::string text_of(const CrmRecord& record, const std::string& name) {
    const auto found = record.properties.find(name);
    return found == record.properties.end() ? std::string() : found->second.as_string();
  }

  void respond(const http::Request& request, const http::Responder& responder) {
    http::Response response = answer(request);
    const auto most = request.method == "GET" ? options_.get_latency : options_.post_latency;
    if (most.count() == 0) {
      responder.send(std::move(response));
      return;
    }
    const auto delay = delays_->next() % static_cast<std::uint64_t>(most.count() + 1);
    responder.send_after(std::chrono::milliseconds(delay), std::move(response));
  }

  http::Response answer(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    ++calls_[request.method + " " + without_ids(request.path)];
    if (auto response = fault(request)) return std::move(*response);
    if (request.path == "/oauth/v3/token" || request.path == "/oauth/v1/token") {
      return tokens_.answer(request);
    }
    if (CrmSubscriptions::is_asked(request))
      return api_.as_response(subscriptions_.answer(request));
    const auto token = core::find_header(request.headers, "Authorization");
    const bool lasting =
        token && core::equal_constant_time(*token, "Bearer " + options_.access_token);
    if (!lasting && token && tokens_.was_given(*token)) {
      if (!tokens_.is_good(*token)) return api_.expired();
    } else if (!lasting) {
      return api_.error(401,
                        "Authentication credentials not found. This API supports OAuth 2.0 "
                        "authentication.");
    }
    if (const std::string scope = CrmApi::scope_of(request); revoked_scopes_.contains(scope)) {
      return api_.missing_scope(scope);
    }
    return api_.answer(request);
  }

  std::optional<http::Response> fault(const http::Request& request) {
    const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const CrmFault& one) {
      return request.target.find(one.path_contains) != std::string::npos;
    });
    if (found == faults_.end()) return std::nullopt;
    http::Response response = api_.error(found->status, "fault on request");
    response.headers.insert(response.headers.end(), found->headers.begin(), found->headers.end());
    if (--found->count == 0) faults_.erase(found);
    return response;
  }

  SampleCrmOptions options_;  // access_token guarded by mutex_
  core::Clock& clock_;
  mutable std::mutex mutex_;
  std::unique_ptr<core::Random> random_;
  std::unique_ptr<core::Random> delays_;  // only the server's thread
  CrmStore store_;
  CrmDirectory directory_;
  CrmTokens tokens_;
  CrmSubscriptions subscriptions_;
  CrmApi api_;
  std::size_t sampled_companies_ = 0;
  std::size_t sampled_contacts_ = 0;
  std::map<std::string, std::uint64_t> calls_;
  std::deque<CrmFault> faults_;
  std::set<std::string> revoked_scopes_;
  http::Server server_;  // last: its thread uses all of the above
};

SampleCrm::SampleCrm(SampleCrmOptions options, core::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
SampleCrm::~SampleCrm() = default;

std::string SampleCrm::url() const {
  return impl_->url();
}

void SampleCrm::populate(std::size_t companies, std::size_t contacts) {
  impl_->populate(companies, contacts);
}

std::string SampleCrm::create(const std::string& object, core::Value::Object properties) {
  return impl_->with_store([&](CrmStore& store) {
    return std::to_string(store.create(object_named(object), properties));
  });
}

bool SampleCrm::update(const std::string& object, const std::string& id,
                       core::Value::Object properties) {
  return impl_->with_store(
      [&](CrmStore& store) { return store.update(object_named(object), to_id(id), properties); });
}

void SampleCrm::set_primary_company(const std::string& contact_id,
                                    const std::optional<std::string>& company_id) {
  const bool done = impl_->with_store([&](CrmStore& store) {
    return store.set_primary(to_id(contact_id),
                             company_id ? std::optional(to_id(*company_id)) : std::nullopt);
  });
  if (!done) throw std::invalid_argument("no such contact or company");
}

void SampleCrm::set_company_of_deal(const std::string& deal_id,
                                    const std::optional<std::string>& company_id) {
  const bool done = impl_->with_store([&](CrmStore& store) {
    return store.set_primary(CrmObject::deals, to_id(deal_id),
                             company_id ? std::optional(to_id(*company_id)) : std::nullopt);
  });
  if (!done) throw std::invalid_argument("no such deal or company");
}

void SampleCrm::archive(const std::string& object, const std::string& id) {
  const bool done = impl_->with_store(
      [&](CrmStore& store) { return store.archive(object_named(object), to_id(id)); });
  if (!done) throw std::invalid_argument("no such record");
}

void SampleCrm::restore(const std::string& object, const std::string& id) {
  const bool done = impl_->with_store(
      [&](CrmStore& store) { return store.restore(object_named(object), to_id(id)); });
  if (!done) throw std::invalid_argument("no such archived record");
}

void SampleCrm::erase(const std::string& contact_id) {
  const bool done =
      impl_->with_store([&](CrmStore& store) { return store.erase_contact(to_id(contact_id)); });
  if (!done) throw std::invalid_argument("no such contact");
}

std::string SampleCrm::merge(const std::string& object, const std::string& primary,
                             const std::string& secondary) {
  const auto survivor = impl_->with_store([&](CrmStore& store) {
    return store.merge(object_named(object), to_id(primary), to_id(secondary), impl_->merge_rule());
  });
  if (!survivor) throw std::invalid_argument("no such two records");
  return std::to_string(*survivor);
}

std::vector<core::Value> SampleCrm::records(const std::string& object) const {
  return impl_->with_store([&](const CrmStore& store) {
    const CrmObject kind = object_named(object);
    std::vector<core::Value> out;
    for (const auto& [id, record] : store.records(kind)) {
      if (!record.archived_ms) out.push_back(crm_record(store, kind, record));
    }
    return out;
  });
}

std::vector<core::Value> SampleCrm::take_events() {
  return impl_->with_store([](CrmStore& store) { return store.take_events(); });
}

core::HttpRequest SampleCrm::webhook(const std::vector<core::Value>& events,
                                     const std::string& public_url,
                                     const std::string& deliver_to) const {
  return impl_->webhook(events, public_url, deliver_to);
}

std::vector<std::pair<std::string, std::uint64_t>> SampleCrm::calls() const {
  return impl_->calls();
}

void SampleCrm::add_fault(const std::string& path_contains, int status, int count,
                          std::vector<core::HttpHeader> headers) {
  impl_->add_fault({path_contains, status, count, std::move(headers)});
}

void SampleCrm::set_scope(const std::string& scope, bool granted) {
  impl_->set_scope(scope, granted);
}

void SampleCrm::set_access_token(std::string token) {
  impl_->set_access_token(std::move(token));
}

void SampleCrm::set_search_lag(std::chrono::milliseconds lag) {
  impl_->with_store([&](CrmStore& store) { store.set_search_lag(lag); });
}

void SampleCrm::expire_tokens() {
  impl_->with_tokens([](CrmTokens& tokens) { tokens.expire(); });
}

void SampleCrm::add_owner(CrmOwner owner) {
  impl_->with_directory([&](CrmDirectory& directory) { directory.add(std::move(owner)); });
}

void SampleCrm::add_list(CrmList list) {
  impl_->with_directory([&](CrmDirectory& directory) { directory.add(std::move(list)); });
}

void SampleCrm::set_member(const std::string& list_id, const std::string& record_id, bool member) {
  impl_->with_directory(
      [&](CrmDirectory& directory) { directory.set_member(list_id, record_id, member); });
}

void SampleCrm::define_property(const std::string& object, const std::string& name,
                                CrmProperty property) {
  impl_->with_store(
      [&](CrmStore& store) { store.define(object_named(object), name, std::move(property)); });
}

}  // namespace assembly_sync::sandbox
