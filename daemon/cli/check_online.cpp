#include "daemon/cli/check_online.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <tuple>
#include <utility>

#include "core/yaml.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/delivery/outcome_text.hpp"
#include "daemon/http/client.hpp"
#include "mapping/field_checks.hpp"

namespace assembly_sync::cli {
namespace {

using connectors::ReadError;

void append(core::Problems& to, core::Problems more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void sort_by_place(core::Problems& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const core::Problem& a, const core::Problem& b) {
                     return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                   });
}

/// It was read before without a problem; should it be gone by now, there are no places.
core::YamlNode read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  core::Problems ignored;
  return core::read_yaml(text, file, ignored);
}

class OnlineCheck {
 public:
  explicit OnlineCheck(const config::Config& config)
      : config_(config), file_(read_file(config.file)), transport_(clock_) {}

  OnlineFindings run() {
    assembly();
    for (const config::SourceConfig& source : config_.sources) {
      for (const core::ObjectName& object : source.connector->objects()) {
        if (config_.rules->reads(source.name, object)) read(source, object);
      }
    }
    sort_by_place(findings_.problems);
    sort_by_place(findings_.warnings);
    return std::move(findings_);
  }

 private:
  void problem(const std::string& key, std::string message) {
    const core::YamlPlace place = place_of(key);
    findings_.problems.push_back({config_.file, place.line, place.column, key, std::move(message)});
  }

  /// Where the value of a dotted key stands in the file; line 0 when it does not.
  core::YamlPlace place_of(const std::string& key) const {
    const core::YamlNode* at = &file_;
    for (std::size_t begin = 0; at != nullptr && begin <= key.size();) {
      const std::size_t end = std::min(key.find('.', begin), key.size());
      at = at->find(key.substr(begin, end - begin));
      begin = end + 1;
    }
    return at == nullptr ? core::YamlPlace{} : core::YamlPlace{at->line, at->column};
  }

  void assembly() {
    const assembly::Client client(
        transport_, clock_,
        {config_.assembly.base_url, config_.assembly.api_key, config_.assembly.timeout});
    const auto page = client.list(assembly::Collection::accounts, 1, 0);
    if (page) return;
    const assembly::Outcome outcome = delivery::to_outcome(page.error());
    const bool refused = std::holds_alternative<assembly::Unauthorized>(outcome);
    problem(refused ? "assembly.api_key" : "assembly.base_url",
            "expected Assembly to answer, got " + std::string(delivery::name_of(outcome)) + ' ' +
                delivery::reason_of(outcome));
  }

  /// One page of records, as a backfill would read it, and the catalogue.
  void read(const config::SourceConfig& source, const core::ObjectName& object) {
    const connectors::Connector& connector = *source.connector;
    if (connector.lists_objects()) {
      const auto page =
          connector.list(object, std::nullopt, config_.rules->paths(source.name, object),
                         transport_, clock_.wall_now());
      if (!page) return unreadable(source, object.str() + " to be readable", page.error());
    }
    if (!connector.catalogue_root()) return;
    const auto catalogue = connector.describe(object, transport_, clock_.wall_now());
    if (!catalogue) {
      return unreadable(source, "to read what " + object.str() + " hold", catalogue.error());
    }
    auto found =
        mapping::check_fields(*config_.rules, config_.file, source.name, object, *catalogue);
    append(findings_.problems, std::move(found.problems));
    append(findings_.warnings, std::move(found.warnings));
  }

  void unreadable(const config::SourceConfig& source, const std::string& expected,
                  const ReadError& error) {
    std::string got = error.reason;
    if (error.kind == ReadError::Kind::unauthorized) {
      got += " (the source refuses the credential that stands here)";
    } else if (error.kind == ReadError::Kind::throttled) {
      got += " (too many calls: try again later)";
    }
    problem("sources." + source.name.str(), "expected " + expected + ", got: " + got);
  }

  const config::Config& config_;
  const core::YamlNode file_;  // for the places of keys, which the configuration no longer has
  core::SystemClock clock_;
  http::PooledTransport transport_;
  OnlineFindings findings_;
};

}  // namespace

OnlineFindings check_online(const config::Config& config) {
  return OnlineCheck(config).run();
}

}  // namespace assembly_sync::cli
