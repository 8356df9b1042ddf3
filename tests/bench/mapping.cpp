#include "tests/bench/mapping.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <sys/resource.h>

#include "core/intent.hpp"
#include "core/json.hpp"
#include "core/json_view.hpp"
#include "mapping/mapping.hpp"
#include "tests/bench/parts.hpp"
#include "tests/bench/program.hpp"

namespace assembly_sync::bench {
namespace {

using core::Value;

constexpr std::size_t kWriteBytes = 64 * 1024;

constexpr const char* kRules = R"(
tables:
  stages: {customer: Customer, opportunity: Opportunity, lead: Lead, evangelist: Evangelist}
  tiers: {gold: Gold, silver: Silver, bronze: Bronze}
mappings:
  - name: companies
    from: hubspot.companies
    to: company
    when: not archived
    key: concat("hubspot-company-", id)
    fields:
      name: properties.name | trim
      domain: properties.domain | default(properties.website) | domain_of
      image_url: properties.hs_logo_url
      phone: properties.phone | split(";")
      contract_value: properties.annualrevenue | to_number
      contract_type: {value: Year}
      renewal_date: properties.renewal_date | to_date
      trial_expiration_date: properties.trial_end | to_date
      tier: properties.tier | lookup(tiers, null)
      stage: properties.lifecyclestage | lookup(stages)
      tags: properties.segments | split(";")
      notes: properties.description | truncate(200)
      id_in_tool: id
      company_type: properties.type | lower
      number_of_seats: properties.numberofemployees | to_int
    additional_properties:
      Industry: properties.industry | lower | replace("_", " ")
      Country: properties.country | upper
      Address: concat(properties.address, ", ", properties.zip, " ", properties.city)
      Website: properties.website
      Owner: properties.hubspot_owner_id
      Created: properties.createdate
      Last activity: properties.notes_last_updated | to_datetime
      Open deals: properties.num_open_deals | to_int
      Contacts: pluck(associations.contacts.results, "id")
      LinkedIn: properties.linkedin_company_page
)";

/// A company as HubSpot sends it, of about 3 KB, most of which no rule looks at.
std::string record(int n) {
  constexpr const char* kStages[] = {"customer", "opportunity", "lead", "evangelist"};
  constexpr const char* kTiers[] = {"gold", "silver", "bronze", "none"};
  const std::string id = std::to_string(5'000'000'000 + n);
  const std::string name = "acme-" + std::to_string(n);
  Value::Object properties = {
      {"name", "  Acme " + std::to_string(n) + " Holding GmbH "},
      {"domain", n % 3 == 0 ? "" : "www." + name + ".com"},
      {"website", "https://www." + name + ".com/en/about?utm=crm"},
      {"hs_logo_url", "https://img.example.com/" + id + ".png"},
      {"phone", "+41 44 000 00 11; +49 30 000 00 12"},
      {"annualrevenue", std::to_string(1000 + n % 90'000) + (n % 2 == 0 ? ".5" : "")},
      {"renewal_date", std::to_string(1'767'225'600'000 + std::int64_t{n % 365} * 86'400'000)},
      {"trial_end", "2026-03-" + std::to_string(10 + n % 20) + "T10:00:00.000Z"},
      {"tier", kTiers[n % 4]},
      {"lifecyclestage", kStages[n / 4 % 4]},
      {"segments", "EU;Retail;Segment " + std::to_string(n % 50)},
      {"description", std::string(8, 'd') + " " + name + " makes everything, from rockets to " +
                          std::string(220, 'x')},
      {"type", "PARTNER"},
      {"numberofemployees", std::to_string(n % 5000)},
      {"industry", "COMPUTER_SOFTWARE_AND_SERVICES"},
      {"country", "Switzerland"},
      {"city", "Zürich"},
      {"zip", "8001"},
      {"address", "Bahnhofstrasse " + std::to_string(n % 100)},
      {"hubspot_owner_id", std::to_string(77'000 + n % 40)},
      {"createdate", "2024-05-06T07:08:09.123Z"},
      {"notes_last_updated", std::to_string(1'760'000'000'000 + std::int64_t{n} * 1000)},
      {"num_open_deals", std::to_string(n % 7)},
      {"linkedin_company_page", "https://www.linkedin.com/company/" + name},
  };
  for (int i = 0; i < 40; ++i) {
    properties["hs_analytics_source_data_" + std::to_string(i)] =
        i % 3 == 0 ? Value() : Value("value " + std::to_string(n * 31 + i));
  }
  Value::List contacts;
  for (int i = 0; i < 5; ++i) {
    contacts.push_back(Value::object({{"id", std::to_string(n * 10 + i)}, {"type", "employee"}}));
  }
  const Value associations =
      Value::object({{"contacts", Value::object({{"results", std::move(contacts)}})}});
  return core::dump_json(Value::object({{"id", id},
                                        {"archived", false},
                                        {"createdAt", "2024-05-06T07:08:09.123Z"},
                                        {"updatedAt", "2026-01-01T10:00:00.123Z"},
                                        {"properties", std::move(properties)},
                                        {"associations", associations}}));
}

std::string first_line_of_each(const std::string& text, std::size_t lines) {
  std::size_t end = 0;
  while (lines-- > 0 && end != text.npos) end = text.find('\n', end + 1);
  return text.substr(0, end);
}

double children_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Maps the records by contenders that are processes of their own, on one core, each from its start
/// to its end.
class Race {
 public:
  Race(const Options& options, int records) : options_(options), folder_(options.data) {
    std::string all;
    for (int n = 0; n < records; ++n) all += record(n) + '\n';
    bytes_ = all.size() / static_cast<std::size_t>(records);
    write_file(input(), all);
    write_file(folder_ / "rules.yaml", kRules);
    records_ = records;
  }

  std::size_t record_bytes() const { return bytes_; }

  double ours(int passes) {
    return rate(passes,
                {options_.self.string(), "map-file", (folder_ / "rules.yaml").string(),
                 input().string(), (folder_ / "ours").string(), std::to_string(passes)},
                "log");
  }
  double node(int passes) {
    return rate(passes,
                {"node", std::string(ASSEMBLY_SYNC_PEERS) + "/map.mjs", input().string(),
                 (folder_ / "node").string(), std::to_string(passes)},
                "log");
  }
  double jq() {
    return rate(1,
                {"jq", "-c", "-f", std::string(ASSEMBLY_SYNC_PEERS) + "/map.jq", input().string()},
                "jq");
  }

  /// All must have made the same of the first records.
  void compare() const {
    const std::vector<Value> expected = results("ours");
    for (const char* const peer : {"node", "jq"}) {
      if (results(peer) != expected) {
        throw std::runtime_error(std::string(peer) + " maps otherwise than we do");
      }
    }
  }

 private:
  std::filesystem::path input() const { return folder_ / "records.ndjson"; }

  double rate(int passes, std::vector<std::string> command, const std::string& output) {
    command.insert(command.begin(), {"taskset", "-c", "0"});
    const double before = children_cpu_seconds();
    run({std::move(command), {}, folder_ / output}, std::chrono::minutes(5));
    return records_ * passes / (children_cpu_seconds() - before);
  }

  std::vector<Value> results(const std::string& name) const {
    std::vector<Value> out;
    std::string text = first_line_of_each(read_file(folder_ / name), 1000);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const auto value = core::parse_json(std::string_view(text).substr(at, end - at));
      if (!value) throw std::runtime_error(name + ": " + value.error().message);
      out.push_back(*value);
      at = end + 1;
    }
    return out;
  }

  const Options& options_;
  Folder folder_;
  int records_ = 0;
  std::size_t bytes_ = 0;
};

double median(std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  return figures[figures.size() / 2];
}

}  // namespace

void map_file(const std::string& rules_file, const std::string& records, const std::string& output,
              int passes) {
  core::Problems problems;
  const core::YamlNode root = core::read_yaml(read_file(rules_file), rules_file, problems);
  mapping::Schemas schemas;
  schemas["hubspot.companies"].roots = {"id", "properties", "associations", "archived"};
  const mapping::Rules rules = mapping::load(root, rules_file, schemas, problems);
  if (!problems.empty()) throw std::runtime_error(core::to_text(problems.front()));
  const core::SourceName source("hubspot");
  const core::ObjectName object("companies");
  core::JsonDocument document;
  std::string line;
  std::string out;
  for (int pass = 0; pass < passes; ++pass) {
    std::ifstream input(records, std::ios::binary);
    std::ofstream file(output, std::ios::binary);
    const auto flush = [&] {
      file << out;
      out.clear();
    };
    while (std::getline(input, line)) {
      const auto view = document.parse(line);
      for (mapping::Result& result : rules.apply(source, object, view.value())) {
        if (result.kind != mapping::Result::Kind::intent) {
          throw std::runtime_error(result.refusal.field + ": " + result.refusal.reason);
        }
        out += core::dump_json(core::to_value(result.intent));
        out += '\n';
      }
      if (out.size() >= kWriteBytes) flush();
    }
    flush();
  }
}

void measure_mapping(const Options& options, Report& report) {
  const int records = options.quick ? 1000 : 20'000;
  Race race(options, records);
  std::vector<double> ours;
  std::vector<double> node;
  std::vector<double> jq;
  for (int round = 0; round < (options.quick ? 1 : 3); ++round) {
    ours.push_back(race.ours(10));
    node.push_back(race.node(5));
    jq.push_back(race.jq());
  }
  race.compare();
  const std::string what = "records/s of " + number(static_cast<double>(race.record_bytes())) +
                           " bytes, 25 fields, one core: ";
  const double best = median(ours);
  report.add({"T11", what + "jq -c", number(best), number(median(jq)), "-", best / median(jq), "x",
              at_least(15, 35)});
  report.add({"T11", what + "Node by hand", number(best), number(median(node)), "-",
              best / median(node), "x", at_least(1.3, 3)});
}

}  // namespace assembly_sync::bench
