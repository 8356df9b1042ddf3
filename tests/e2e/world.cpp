#include "tests/e2e/world.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "tests/e2e/expectation.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;

constexpr const char* kCompanies = R"yaml(
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
)yaml";
constexpr const char* kLabelFields = R"yaml(      tier: properties.tier | lookup(tiers, null)
      tags: properties.segments | split(";")
)yaml";
constexpr const char* kContacts = R"yaml(    additional_properties:
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

sandbox::SandboxOptions with_key(sandbox::SandboxOptions options) {
  options.api_key = kApiKey;
  return options;
}

sandbox::SampleCrmOptions with_secrets(sandbox::SampleCrmOptions options) {
  options.access_token = kAccessToken;
  options.client_secret = kClientSecret;
  return options;
}

}  // namespace

World::World(WorldOptions options)
    : options_(std::move(options)),
      assembly_(with_key(options_.assembly), clock_),
      crm_(with_secrets(options_.crm), clock_),
      transport_(clock_),
      environment_({{"ASSEMBLY_URL", assembly_.url()},
                    {"ASSEMBLY_API_KEY", kApiKey},
                    {"HUBSPOT_URL", crm_.url()},
                    {"HUBSPOT_TOKEN", kAccessToken},
                    {"HUBSPOT_CLIENT_SECRET", kClientSecret}}) {
  environment_.insert(options_.variables.begin(), options_.variables.end());
  write_config();
}

void World::write_config() {
  std::string text = "version: 1\nassembly:\n  base_url: ${env:ASSEMBLY_URL}\n";
  text += "  api_key: ${env:ASSEMBLY_API_KEY}\n";
  text += "  rate_per_second: " + core::dump_json(options_.rate_per_second) + '\n';
  text += "  timeout_seconds: " + std::to_string(options_.timeout_seconds) + '\n';
  text += "store: {path: " + store_name_ + "}\n";
  text += "listen: {webhooks: \"127.0.0.1:0\", admin: \"127.0.0.1:0\", public_url: " +
          std::string(kPublicUrl) + "}\n";
  text += "sources:\n  hubspot:\n    type: hubspot\n    base_url: ${env:HUBSPOT_URL}\n";
  text += "    access_token: ${env:HUBSPOT_TOKEN}\n";
  text += "    client_secret: ${env:HUBSPOT_CLIENT_SECRET}\n";
  if (options_.poll_seconds) {
    text += "    poll_seconds: " + std::to_string(*options_.poll_seconds) + '\n';
  }
  text += options_.sources;
  if (options_.labels) {
    text += "tables:\n  tiers: {gold: Gold, silver: Silver, bronze: Bronze}\n";
    text += "labels: {create: true, colors: {Tier: \"#B8860B\"}}\n";
  } else if (options_.on_delete == "tag") {
    text += "labels: {create: true}\n";
  }
  text += kCompanies;
  if (options_.labels) text += kLabelFields;
  if (!options_.when.empty()) text += "    when: " + options_.when + '\n';
  const std::string on_delete =
      options_.on_delete.empty() ? "" : "    on_delete: " + options_.on_delete + '\n';
  text += on_delete + kContacts + on_delete + options_.mappings;
  write_file(config(), text);
}

void World::use_store(const std::string& name) {
  store_name_ = name;
  write_config();
}

DaemonProcess& World::start() {
  daemon_.reset();
  daemon_ = std::make_unique<DaemonProcess>(config(), environment_,
                                            file("process" + std::to_string(++processes_)));
  return *daemon_;
}

std::unique_ptr<Process> World::spawn(std::vector<std::string> arguments,
                                      const std::string& input) {
  arguments.insert(arguments.end(), {"-c", config().string()});
  return std::make_unique<Process>(arguments, environment_,
                                   file("process" + std::to_string(++processes_)), input);
}

Finished World::run(std::vector<std::string> arguments, const std::string& input) {
  const auto process = spawn(std::move(arguments), input);
  const auto code = process->wait(std::chrono::seconds{120});
  return {code, process->out(), process->err()};
}

int World::deliver(const std::vector<Value>& events) {
  const auto answer =
      transport_.send(crm_.webhook(events, std::string(kPublicUrl) + "/hooks/hubspot",
                                   daemon_->webhook_url() + "/hooks/hubspot"));
  return answer ? answer->status : 0;
}

int World::deliver_events() {
  return deliver(crm_.take_events());
}

std::string World::admin(const std::string& path) const {
  core::HttpRequest request;
  request.url = daemon_->admin_url() + path;
  request.headers.push_back({"Accept", "text/plain"});
  const auto answer = transport_.send(request);
  return answer ? answer->body : std::string();
}

Value World::status() const {
  return core::parse_json(admin("/api/status")).value_or(Value());
}

std::int64_t World::notices(const std::string& state) const {
  const Value all = status();
  const Value& count = all.at("notices").at(state);
  return count.is_int() ? count.as_int() : -1;
}

bool World::settled() const {
  const Value now = status();
  const auto none = [](const Value& count) { return count == Value(0); };
  return none(now.at("receipts_waiting")) && none(now.at("notices").at("open")) &&
         none(now.at("outbox").at("pending")) && none(now.at("outbox").at("in_flight"));
}

bool World::wait_settled(std::chrono::seconds at_most) const {
  return wait_until([this] { return settled(); }, at_most);
}

std::vector<std::string> World::wrong() const {
  return differences(crm_, assembly_, options_.labels);
}

std::vector<sandbox::JournalEntry> World::writes() const {
  std::vector<sandbox::JournalEntry> writes;
  for (sandbox::JournalEntry& entry : assembly_.journal()) {
    if (entry.method != "GET" && entry.processed && entry.status < 300) {
      writes.push_back(std::move(entry));
    }
  }
  return writes;
}

Value json(const std::string& text) {
  auto parsed = core::parse_json(text);
  EXPECT_TRUE(parsed) << "no JSON: " << text;
  return parsed.value_or(Value());
}

int position_of(const std::vector<sandbox::JournalEntry>& writes, const std::string& key) {
  const auto ends_with_key = [&](const sandbox::JournalEntry& entry) {
    return entry.target.ends_with("source_specific_id=" + key);
  };
  const auto found = std::find_if(writes.begin(), writes.end(), ends_with_key);
  return found == writes.end() ? -1 : static_cast<int>(found - writes.begin());
}

std::string company_key(const std::string& id) {
  return "hubspot-company-" + id;
}

std::string contact_key(const std::string& id) {
  return "hubspot-contact-" + id;
}

}  // namespace assembly_sync::test
