#include "connectors/rest/rest.hpp"

#include <algorithm>
#include <utility>

#include "connectors/read_error.hpp"
#include "connectors/rest/client.hpp"
#include "connectors/rest/events.hpp"
#include "connectors/rest/hooks.hpp"
#include "connectors/rest/reader.hpp"
#include "connectors/rest/spec.hpp"
#include "connectors/webhook/verify.hpp"

namespace assembly_sync::connectors::rest {
namespace {

constexpr std::size_t kBatchRecords = 100;  // mapped again in one transaction

class RestConnector final : public Connector {
 public:
  RestConnector(SourceSpec spec, std::unique_ptr<const webhook::Verifier> verifier,
                std::shared_ptr<core::TokenKeeper> tokens, HookSecret secret)
      : spec_(std::move(spec)),
        verifier_(std::move(verifier)),
        authorizer_(spec_, std::move(tokens)) {
    // Where the CRM chooses the secret, there is none before the first subscription.
    if (spec_.hooks && (verifier_ || spec_.hooks->created_secret)) {
      hooks_ = make_hook_keeper(spec_, authorizer_, std::move(secret));
    }
  }

  /// Those that others hang on first.
  std::vector<core::ObjectName> objects() const override {
    std::vector<core::ObjectName> names;
    for (const ObjectSpec& object : spec_.objects) names.push_back(object.name);
    std::stable_sort(names.begin(), names.end(),
                     [&](const auto& a, const auto& b) { return depth_of(a) < depth_of(b); });
    return names;
  }

  std::optional<std::set<std::string>> roots(const core::ObjectName& object) const override {
    const ObjectSpec* found = spec_.find(object);
    return found == nullptr ? std::nullopt : found->roots;
  }

  bool takes_webhooks() const override { return verifier_ != nullptr; }
  bool verifies_url() const override { return verifier_ != nullptr && verifier_->verifies_url(); }
  bool takes_object_webhooks() const override { return takes_webhooks(); }
  bool is_credential(std::string_view header) const override {
    return verifier_ != nullptr && verifier_->is_credential(header);
  }

  const HookKeeper* hooks() const override { return hooks_.get(); }

  Verification verify(const WebhookRequest& request, core::WallTime now) const override {
    if (verifier_ == nullptr) return {.ok = false, .reason = "this source takes no webhooks"};
    Verification verification = verifier_->verify(request, now);
    if (verification.ok && verification.delivery.empty()) {
      verification.delivery = delivery_of(spec_, request);
    }
    return verification;
  }

  core::Result<std::vector<core::Notice>> decode(const Received& received) const override {
    return decode_events(spec_, received);
  }

  bool reads_only_wanted() const override {
    return std::any_of(spec_.objects.begin(), spec_.objects.end(),
                       [](const ObjectSpec& object) { return object.uses_fields; });
  }

  bool reads_by_id() const override {
    return !spec_.objects.empty() && spec_.objects.front().detail.has_value();
  }

  std::size_t batch_size() const override {
    std::size_t size = kBatchRecords;
    for (const ObjectSpec& object : spec_.objects) {
      if (!object.detail) continue;
      size = std::min(size, object.detail->batch);
      // One by one, they are as many requests.
      if (spec_.rate && !object.detail->several) {
        size = std::min(size, static_cast<std::size_t>(spec_.rate->burst()));
      }
    }
    return size;
  }

  ReadResult<BatchRead> read(const core::ObjectName& object, const std::vector<core::RecordId>& ids,
                             const Paths& wanted, core::HttpTransport& transport,
                             core::WallTime now) const override {
    const ObjectSpec* spec = spec_.find(object);
    if (spec == nullptr || !spec->detail)
      return tl::unexpected(rejected(no_such("read by id", object)));
    const Client client(spec_, authorizer_, transport, now);
    return Reader(spec_, *spec, client, wanted).by_ids(ids);
  }

  ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                        const Paths& wanted, core::HttpTransport& transport,
                        core::WallTime now) const override {
    const ObjectSpec* spec = spec_.find(object);
    if (spec == nullptr) return tl::unexpected(rejected(no_such("listed", object)));
    const Client client(spec_, authorizer_, transport, now);
    return Reader(spec_, *spec, client, wanted).page(cursor);
  }

  bool finds_changes(const core::ObjectName& object) const override {
    const ObjectSpec* spec = spec_.find(object);
    return spec != nullptr && spec->changes.has_value();
  }

  std::string changes_since(const core::ObjectName&, core::WallTime since) const override {
    return first_cursor(since);
  }

  ReadResult<Changes> changes(const core::ObjectName& object, const std::string& cursor,
                              const Paths& wanted, core::HttpTransport& transport,
                              core::WallTime now) const override {
    const ObjectSpec* spec = spec_.find(object);
    if (spec == nullptr || !spec->changes)
      return tl::unexpected(rejected(no_such("asked for changes", object)));
    const Client client(spec_, authorizer_, transport, now);
    return Reader(spec_, *spec, client, wanted).changes(cursor);
  }

 private:
  static std::string no_such(const std::string& what, const core::ObjectName& object) {
    return "object " + object.str() + " is not described as one that can be " + what;
  }

  /// Number of objects above it; a ring of links ends the counting.
  std::size_t depth_of(const core::ObjectName& name) const {
    std::size_t depth = 0;
    const ObjectSpec* object = spec_.find(name);
    while (object != nullptr && object->company && depth < spec_.objects.size()) {
      if (object->company->object == object->name) break;
      object = spec_.find(object->company->object);
      ++depth;
    }
    return depth;
  }

  const SourceSpec spec_;
  const std::unique_ptr<const webhook::Verifier> verifier_;
  mutable Authorizer authorizer_;  // guards itself
  std::unique_ptr<const HookKeeper> hooks_;
};

}  // namespace

std::unique_ptr<Connector> make_rest(const SourceSettings& settings) {
  return make_described(settings, "verify.secrets");
}

std::unique_ptr<Connector> make_described(const SourceSettings& settings,
                                          const std::string& secret_key) {
  std::vector<SettingProblem> problems;
  SourceSpec spec = make_spec(settings.name, settings.block, problems);
  std::unique_ptr<webhook::Verifier> verifier;
  HookSecret secret{.key = secret_key};
  if (const Block* verify = settings.block.block("verify")) {
    VerifySettings written{.scheme = verify->text("scheme"), .texts = verify->texts};
    const auto secrets = verify->secret_lists.find("secrets");
    if (secrets != verify->secret_lists.end()) written.secrets = secrets->second;
    if (!written.secrets.empty()) secret.first = written.secrets.front();
    verifier = webhook::make_verifier(written, problems);
  } else if (settings.block.block("webhook") != nullptr) {
    problems.push_back({{"webhook"}, "expected `verify` beside it, got none"});
  }
  if (!problems.empty()) throw SettingProblems(std::move(problems));
  return std::make_unique<RestConnector>(std::move(spec), std::move(verifier), settings.tokens,
                                         std::move(secret));
}

}  // namespace assembly_sync::connectors::rest
