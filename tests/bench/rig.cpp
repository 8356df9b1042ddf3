#include "tests/bench/rig.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>

#include "core/json.hpp"

namespace assembly_sync::bench {
namespace {

using namespace std::chrono_literals;
using core::Value;

constexpr const char* kApiKey = "bench-api-key-7b0c9e";
constexpr const char* kAccessToken = "bench-token-0e7f35";
constexpr auto kPatience = 1h;  // to fail instead of hanging; a slow disk may take its time

constexpr const char* kSources = R"yaml(
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0", public_url: https://sync.example.test}
sources:
  hubspot:
    type: hubspot
    base_url: ${env:HUBSPOT_URL}
    access_token: ${env:HUBSPOT_TOKEN}
    client_secret: ${env:HUBSPOT_CLIENT_SECRET}
  billing: {type: csv, path: billing.csv, objects: {customers: {id: customer}}}
mappings:
  - name: companies
    from: hubspot.companies
    to: company
    key: concat("hubspot-company-", id)
    fields:
      name: properties.name
      domain: properties.domain
      contract_value: properties.annualrevenue | to_number
      contract_type: {value: Year}
    additional_properties: {Industry: properties.industry}
  - name: customers
    from: billing.customers
    to: company
    key: concat("billing-", customer)
    fields:
      name: name
      domain: domain
      contract_value: yearly | to_number
      contract_type: {value: Year}
    additional_properties: {About: about, Country: country}
)yaml";

constexpr const char* kHeader = "customer,name,domain,yearly,country,about\n";

/// Scatters the keys over the whole index (splitmix64).
std::uint64_t scattered(std::uint64_t n) {
  n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9U;
  n = (n ^ (n >> 27)) * 0x94d049bb133111ebU;
  return n ^ (n >> 31);
}

sandbox::SandboxOptions with_key(sandbox::SandboxOptions options) {
  options.api_key = kApiKey;
  return options;
}

std::int64_t int_or(const Value& value, std::int64_t otherwise) {
  return value.is_int() ? value.as_int() : otherwise;
}

}  // namespace

std::string csv_row(std::int64_t n, std::int64_t value) {
  char key[32];
  std::snprintf(key, sizeof key, "%016llx",
                static_cast<unsigned long long>(scattered(static_cast<std::uint64_t>(n) + 1)));
  const std::string number = std::to_string(n);
  // With the rest of the change some 600 bytes a row in the outbox.
  return std::string(key) + ",Company " + number + ",company-" + number + ".example," +
         std::to_string(value) + ",Utopia," + std::string(300, 'x') + '\n';
}

Rig::Rig(const Options& options, RigOptions rig)
    : options_(options),
      rig_(std::move(rig)),
      folder_(options.data),
      assembly_(with_key(rig_.assembly), clock_),
      crm_({.access_token = kAccessToken, .client_secret = kClientSecret}, clock_),
      transport_(clock_) {
  write_csv(1);
  write_config();
}

void Rig::write_config() const {
  std::string text = "version: 1\nassembly:\n  base_url: ${env:ASSEMBLY_URL}\n";
  text += "  api_key: ${env:ASSEMBLY_API_KEY}\n";
  text += "  rate_per_second: " + core::dump_json(rig_.rate_per_second) + '\n';
  text += "store: {path: " + store_name_ + '}';
  write_file(folder_ / "config.yaml", text + kSources);
}

void Rig::write_csv(std::int64_t rows, std::int64_t changed) {
  std::ofstream out(folder_ / "billing.csv", std::ios::binary);
  out << kHeader;
  for (std::int64_t n = 0; n < rows; ++n) out << csv_row(n, n < changed ? 2 : 1);
}

void Rig::use_store(const std::string& name) {
  store_name_ = name;
  write_config();
}

Program& Rig::start() {
  daemon_.reset();
  std::map<std::string, std::string> environment = rig_.environment;
  environment["ASSEMBLY_URL"] = rig_.assembly_url.empty() ? assembly_.url() : rig_.assembly_url;
  environment["ASSEMBLY_API_KEY"] = kApiKey;
  environment["HUBSPOT_URL"] = crm_.url();
  environment["HUBSPOT_TOKEN"] = kAccessToken;
  environment["HUBSPOT_CLIENT_SECRET"] = kClientSecret;
  daemon_ = std::make_unique<Program>(
      Program::Order{{options_.daemon.string(), "run", "-c", (folder_ / "config.yaml").string()},
                     environment,
                     folder_ / ("daemon" + std::to_string(++runs_) + ".log")});
  webhook_url_ = daemon_->await(" webhooks=");
  admin_url_ = daemon_->await(" admin=");
  return *daemon_;
}

void Rig::stop() {
  daemon_->signal(SIGTERM);
  if (!daemon_->wait(60s)) throw std::runtime_error("the daemon does not stop");
}

void Rig::kill() {
  daemon_->signal(SIGKILL);
  daemon_->wait(60s);
}

void Rig::order_backfill() {
  // The verb needs what the daemon needs: they read one file.
  const std::map<std::string, std::string> environment = {{"ASSEMBLY_URL", assembly_.url()},
                                                          {"ASSEMBLY_API_KEY", kApiKey},
                                                          {"HUBSPOT_URL", crm_.url()},
                                                          {"HUBSPOT_TOKEN", kAccessToken},
                                                          {"HUBSPOT_CLIENT_SECRET", kClientSecret}};
  run({{options_.daemon.string(), "backfill", "billing", "--no-wait", "-c",
        (folder_ / "config.yaml").string()},
       environment,
       folder_ / "backfill.log"},
      60s);
}

Value Rig::status() {
  core::HttpRequest request;
  request.url = admin_url_ + "/api/status";
  const auto answer = transport_.send(request);
  return answer ? core::parse_json(answer->body).value_or(Value()) : Value();
}

std::int64_t Rig::pending() {
  return int_or(status().at("outbox").at("pending"), -1);
}

void Rig::await_backlog(std::int64_t rows) {
  reading_rate(rows);
}

double Rig::reading_rate(std::int64_t rows, const std::function<void()>& meanwhile) {
  auto first = clock_.steady_now();
  std::int64_t before_first = 0;
  const bool done = wait_until(
      [&] {
        if (meanwhile) meanwhile();
        const Value now = status();
        const Value& runs = now.at("runs");
        if (!runs.is_list() || runs.as_list().empty()) return false;
        const Value& run = runs.as_list().front();
        const std::int64_t read = int_or(run.at("records"), 0);
        if (before_first == 0) {
          first = clock_.steady_now();
          before_first = read;
        }
        return run.text_or("state") == "draining" && read >= rows;
      },
      kPatience);
  if (!done) throw std::runtime_error("the file was not read: " + daemon_->output());
  return static_cast<double>(rows - before_first) /
         std::chrono::duration<double>(clock_.steady_now() - first).count();
}

void Rig::await_settled() {
  const auto none = [](const Value& count) { return count == Value(0); };
  const bool done = wait_until(
      [&] {
        const Value now = status();
        const Value& runs = now.at("runs");
        return runs.is_list() && runs.as_list().empty() && none(now.at("receipts_waiting")) &&
               none(now.at("notices").at("open")) && none(now.at("outbox").at("pending")) &&
               none(now.at("outbox").at("in_flight"));
      },
      kPatience);
  if (!done) throw std::runtime_error("the daemon did not settle: " + daemon_->output());
}

core::HttpRequest Rig::webhook(const std::vector<Value>& events) const {
  return crm_.webhook(events, std::string(kPublicUrl) + "/hooks/hubspot",
                      webhook_url_ + "/hooks/hubspot");
}

bool Rig::deliver(const std::vector<Value>& events) {
  const auto answer = transport_.send(webhook(events));
  return answer && answer->status == 200;
}

}  // namespace assembly_sync::bench
