#include "connectors/webhook/webhook.hpp"

#include <utility>

#include "connectors/read_error.hpp"
#include "connectors/webhook/records.hpp"
#include "connectors/webhook/verify.hpp"

namespace assembly_sync::connectors::webhook {
namespace {

constexpr std::size_t kBatchRecords = 100;  // mapped again in one transaction

tl::unexpected<ReadError> cannot_be_asked() {
  return tl::unexpected(
      rejected("a webhook source sends its records and can't be asked "
               "for them"));
}

class WebhookConnector final : public Connector {
 public:
  WebhookConnector(const SourceSettings& settings, std::unique_ptr<const Verifier> verifier)
      : verifier_(std::move(verifier)), reader_(settings.name, settings.objects) {
    for (const ObjectSettings& object : settings.objects) objects_.push_back(object.name);
  }

  std::vector<core::ObjectName> objects() const override { return objects_; }

  /// Whatever the sender writes.
  std::optional<std::set<std::string>> roots(const core::ObjectName&) const override {
    return std::nullopt;
  }

  bool takes_webhooks() const override { return true; }
  bool verifies_url() const override { return verifier_->verifies_url(); }
  bool takes_object_webhooks() const override { return true; }
  bool is_credential(std::string_view header) const override {
    return verifier_->is_credential(header);
  }

  Verification verify(const WebhookRequest& request, core::WallTime now) const override {
    return verifier_->verify(request, now);
  }

  core::Result<std::vector<core::Notice>> decode(const Received& received) const override {
    return reader_.read(received);
  }

  bool reads_by_id() const override { return false; }
  std::size_t batch_size() const override { return kBatchRecords; }
  ReadResult<BatchRead> read(const core::ObjectName&, const std::vector<core::RecordId>&,
                             const Paths&, core::HttpTransport&, core::WallTime) const override {
    return cannot_be_asked();
  }

  bool lists_objects() const override { return false; }
  ReadResult<Page> list(const core::ObjectName&, const std::optional<std::string>&, const Paths&,
                        core::HttpTransport&, core::WallTime) const override {
    return cannot_be_asked();
  }

 private:
  const std::unique_ptr<const Verifier> verifier_;
  const BodyReader reader_;
  std::vector<core::ObjectName> objects_;
};

void check_object(const std::vector<ObjectSettings>& objects, std::size_t index,
                  std::vector<SettingProblem>& problems) {
  const ObjectSettings& object = objects[index];
  if (object.deleted.empty() && !object.deleted_records.empty()) {
    problems.push_back({{"objects", object.name.str(), "deleted_records"},
                        "expected `deleted` beside it, which says what a deletion is, got none"});
  }
  for (std::size_t i = 0; i < index && !object.when.empty(); ++i) {
    if (objects[i].when != object.when) continue;
    problems.push_back({{"objects", object.name.str(), "when"},
                        "expected another rule than that of " + objects[i].name.str() +
                            ", which would take all its bodies, got the same"});
    return;
  }
}

}  // namespace

std::unique_ptr<Connector> make_webhook(const SourceSettings& settings) {
  std::vector<SettingProblem> problems;
  auto verifier = make_verifier(settings.verify, problems);
  for (std::size_t i = 0; i < settings.objects.size(); ++i) {
    check_object(settings.objects, i, problems);
  }
  if (!problems.empty()) throw SettingProblems(std::move(problems));
  return std::make_unique<WebhookConnector>(settings, std::move(verifier));
}

}  // namespace assembly_sync::connectors::webhook
