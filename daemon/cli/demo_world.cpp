#include "daemon/cli/demo_world.hpp"

#include <map>
#include <numeric>
#include <stdexcept>

#include <stdlib.h>

#include "core/json.hpp"
#include "core/json_view.hpp"
#include "core/unguessable.hpp"
#include "daemon/config/config.hpp"
#include "daemon/sync/state.hpp"

namespace assembly_sync::cli {
namespace {

using namespace std::chrono_literals;
using core::Value;

constexpr const char* kPublicUrl = "https://sync.example.test";
constexpr const char* kConfig = R"yaml(
version: 1
assembly: {base_url: "${env:ASSEMBLY_URL}", api_key: "${env:ASSEMBLY_API_KEY}"}
store: {path: demo.db}
listen:
  webhooks: 127.0.0.1:0
  admin: 127.0.0.1:0
  admin_token: ${env:CONSOLE_TOKEN}
  public_url: https://sync.example.test
sources:
  hubspot:
    type: hubspot
    base_url: "${env:HUBSPOT_URL}"
    access_token: "${env:HUBSPOT_TOKEN}"
    client_secret: "${env:HUBSPOT_CLIENT_SECRET}"
tables:
  tiers: {gold: Gold, silver: Silver, bronze: Bronze}
labels: {create: true, colors: {Tier: "#B8860B", AccountTag: "#545A92"}}
mappings:
  - name: companies
    from: hubspot.companies
    to: company
    key: concat("hubspot-company-", id)
    fields:
      name: properties.name
      domain: properties.domain | default(properties.website | domain_of)
      contract_value: properties.annualrevenue | to_number
      contract_type: {value: Year}
      tier: properties.tier | lookup(tiers, null)
      tags: properties.segments | split(";")
    additional_properties:
      Industry: properties.industry
      Country: properties.country
  - name: contacts
    from: hubspot.contacts
    to: contact
    key: concat("hubspot-contact-", id)
    company: concat("hubspot-company-", associations.company)
    fields:
      name: concat(properties.firstname, " ", properties.lastname) | trim
      domain: properties.email | lower
      role: properties.jobtitle
)yaml";

/// The demo's secrets are its own.
class DemoSecrets final : public config::SecretProvider {
 public:
  explicit DemoSecrets(std::map<std::string, std::string> values) : values_(std::move(values)) {}
  std::optional<std::string> environment(const std::string& name) const override {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }
  core::Result<std::string> file(const std::string&) const override { return core::fail("none"); }
  core::Result<std::string> credential(const std::string&) const override {
    return core::fail("none");
  }

 private:
  std::map<std::string, std::string> values_;
};

std::filesystem::path make_folder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "assembly-sync-demo-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no temporary folder for the demo");
  return pattern;
}

sandbox::SandboxOptions assembly_options() {
  sandbox::SandboxOptions options;
  options.latency = 150ms;
  return options;
}

/// What the sandbox holds, by key, with labels as names.
std::map<std::string, Value> by_key(const std::vector<Value>& items,
                                    const std::vector<Value>& labels) {
  std::map<std::string, std::string> names;
  for (const Value& label : labels) names[label.text_or("id")] = label.text_or("name");
  std::map<std::string, Value> found;
  for (Value item : items) {
    if (item.find("tier") != nullptr) item.set("tier", names[item.text_or("tier")]);
    if (const Value* tags = item.find("tags"); tags != nullptr && tags->is_list()) {
      Value::List tag_names;
      for (const Value& tag : tags->as_list()) tag_names.emplace_back(names[tag.as_string()]);
      item.set("tags", std::move(tag_names));
    }
    if (const Value* keys = item.find("source_specific_ids"); keys != nullptr && keys->is_list()) {
      for (const Value& key : keys->as_list()) found[key.as_string()] = item;
    }
  }
  return found;
}

/// Names of the intent's parts that the item lacks; empty = it is as wanted.
std::string differences_of(const core::Intent& intent, const Value& item) {
  std::string differs;
  for (const auto& [field, value] : intent.fields) {
    if (field == "tags") {
      for (const Value& tag : value.as_list()) {
        const Value& tags = item.at("tags");
        if (!tags.is_list() ||
            std::find(tags.as_list().begin(), tags.as_list().end(), tag) == tags.as_list().end())
          differs += " tags";
      }
    } else if (!sync::same_value(item.at(field), value)) {
      differs += ' ' + field;
    }
  }
  for (const auto& [name, value] : intent.additional_properties) {
    if (!sync::same_value(item.at("additional_properties").at(name), value)) differs += ' ' + name;
  }
  return differs;
}

}  // namespace

DemoWorld::DemoWorld(core::Clock& clock, core::Random& random, std::size_t companies,
                     std::size_t contacts)
    : clock_(clock),
      random_(random),
      console_token_(core::unguessable_text().substr(0, config::kAdminTokenBytes)),
      folder_(make_folder()),
      log_(telemetry::LogStyle::quiet),
      assembly_(assembly_options(), clock),
      crm_({}, clock),
      transport_(clock) {
  crm_.populate(companies, contacts);
  crm_.take_events();  // what is there before the webhooks are set up comes by backfill
  const DemoSecrets secrets({{"ASSEMBLY_URL", assembly_.url()},
                             {"ASSEMBLY_API_KEY", "sandbox-key"},
                             {"CONSOLE_TOKEN", console_token_},
                             {"HUBSPOT_URL", crm_.url()},
                             {"HUBSPOT_TOKEN", "sample-token"},
                             {"HUBSPOT_CLIENT_SECRET", "sample-secret"}});
  auto loaded = config::load((folder_ / "demo.yaml").string(), kConfig, secrets);
  if (!loaded.config) {
    throw std::runtime_error("the demo's configuration: " + core::to_text(loaded.problems.front()));
  }
  auto created = app::App::create(std::move(*loaded.config), {clock, random, log_});
  if (!created) throw std::runtime_error(created.error().message);
  app_ = std::move(*created);
  app_->start();
}

DemoWorld::~DemoWorld() {
  app_->stop();
  app_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void DemoWorld::order_backfill() {
  store::Run run;
  run.what = "hubspot.companies,hubspot.contacts";
  run.created_ms = core::to_ms(clock_.wall_now());
  app_->store().write(store::Urgency::live, [&](store::Tx& tx) { run_ = tx.add_run(run); });
}

store::Run DemoWorld::run() const {
  return app_->store().read([&](const store::View& view) { return view.run(run_); }).value();
}

bool DemoWorld::backfill_done() const {
  return run().state >= store::RunState::done;
}

std::string DemoWorld::progress_line() const {
  const store::Run now = run();
  return std::to_string(now.records) + " records read, " +
         std::to_string(now.finals[static_cast<std::size_t>(store::NoticeState::delivered)]) +
         " delivered, " + std::to_string(now.open) + " on their way";
}

std::optional<double> DemoWorld::progress_share() const {
  const store::Run now = run();
  if (now.records == 0) return std::nullopt;
  return 1.0 - static_cast<double>(now.open) / static_cast<double>(now.records);
}

std::string DemoWorld::change_something() {
  const bool company = random_.unit() < 0.6;
  const std::string object = company ? "companies" : "contacts";
  const auto records = crm_.records(object);
  const std::string id = records[random_.next() % records.size()].text_or("id");
  const std::string property = company ? "annualrevenue" : "jobtitle";
  const std::string value = company ? std::to_string(1000 + random_.next() % 900'000)
                                    : "Level " + std::to_string(random_.next() % 1000);
  crm_.update(object, id, {{property, value}});
  deliver(crm_.take_events());
  return object + ' ' + id + ": " + property + " changed";
}

void DemoWorld::deliver(const std::vector<Value>& events) {
  const auto answer = transport_.send(crm_.webhook(
      events, std::string(kPublicUrl) + "/hooks/hubspot", webhook_url() + "/hooks/hubspot"));
  if (!answer || answer->status != 200) {
    throw std::runtime_error(
        "the daemon did not take the webhook: " +
        (answer ? "HTTP " + std::to_string(answer->status) : answer.error().reason));
  }
}

std::optional<std::chrono::milliseconds> DemoWorld::wait_until_settled(
    std::chrono::milliseconds at_most) {
  const auto start = clock_.steady_now();
  while (clock_.steady_now() - start < at_most) {
    const auto totals = app_->store().read([](const store::View& view) { return view.totals(); });
    const auto pending =
        std::accumulate(totals.pending.begin(), totals.pending.end(), totals.in_flight);
    if (pending == 0 && totals.receipts_waiting == 0 && totals.notices[0] == 0) {
      return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - start);
    }
    clock_.sleep_for(5ms, {});
  }
  return std::nullopt;
}

DemoWorld::Comparison DemoWorld::compare() const {
  constexpr std::size_t kShown = 5;
  Comparison result;
  const auto stats = assembly_.stats();
  result.calls = stats.requests;
  result.refused = stats.refused;
  result.busiest_second = stats.busiest_second;
  core::JsonDocument document;
  const auto compare_object = [&](const std::string& object,
                                  const std::map<std::string, Value>& held, std::size_t& all,
                                  std::size_t& right) {
    for (Value record : crm_.records(object)) {
      ++all;
      const Value& company = record.at("properties").at("associatedcompanyid");
      record.set("associations", Value::object({{"company", company}}));
      const auto view = document.parse(core::dump_json(record));
      const auto results = app_->config()->rules->apply(core::SourceName("hubspot"),
                                                        core::ObjectName(object), *view);
      const core::Intent& intent = results.front().intent;
      const auto found = held.find(intent.key.str());
      const std::string differs =
          found == held.end() ? " not in Assembly" : differences_of(intent, found->second);
      if (differs.empty()) {
        ++right;
      } else if (result.differences.size() < kShown) {
        result.differences.push_back(object + ' ' + record.text_or("id") + ':' + differs);
      }
    }
  };
  const auto labels = assembly_.labels();
  compare_object("companies", by_key(assembly_.accounts(), labels), result.companies,
                 result.companies_right);
  compare_object("contacts", by_key(assembly_.contacts(), labels), result.contacts,
                 result.contacts_right);
  return result;
}

}  // namespace assembly_sync::cli
