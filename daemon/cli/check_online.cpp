#include "daemon/cli/check_online.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/yaml.hpp"
#include "daemon/assembly/client.hpp"
#include "daemon/cli/patience.hpp"
#include "daemon/config/document.hpp"
#include "daemon/delivery/outcome_text.hpp"
#include "daemon/http/client.hpp"
#include "mapping/field_checks.hpp"

namespace assembly_sync::cli {
namespace {

using connectors::ReadError;

void append(core::Problems& to, core::Problems more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// The tree that the configuration was made of. It was read before without a problem; should a file
/// be gone by now, there are no places.
core::YamlNode read_again(const config::Config& config) {
  std::vector<config::ConfigFile> files;
  core::Problems ignored;
  return config::read_document(config.file, config.files.front().text, files, ignored)
      .value_or(core::YamlNode{});
}

std::vector<std::string> paths_of(const std::vector<config::ConfigFile>& files) {
  std::vector<std::string> paths;
  for (const config::ConfigFile& file : files) paths.push_back(file.path);
  return paths;
}

class OnlineCheck {
 public:
  OnlineCheck(const config::Config& config, core::HttpTransport* transport)
      : config_(config),
        root_(read_again(config)),
        own_(clock_),
        transport_(transport != nullptr ? *transport : own_) {}

  OnlineFindings run() {
    assembly();
    for (const config::SourceConfig& source : config_.sources) {
      for (const core::ObjectName& object : source.connector->objects()) {
        if (config_.rules->reads(source.name, object)) read(source, object);
      }
    }
    core::sort_by_place(findings_.problems, paths_of(config_.files));
    core::sort_by_place(findings_.warnings, paths_of(config_.files));
    return std::move(findings_);
  }

 private:
  void add(core::Problems& to, const std::string& key, std::string message) const {
    const core::YamlNode* at = node_of(key);
    if (at == nullptr) {
      to.push_back({config_.file, 0, 0, key, std::move(message)});
    } else {
      to.push_back({at->file_or(config_.file), at->line, at->column, key, std::move(message)});
    }
  }
  void problem(const std::string& key, std::string message) {
    add(findings_.problems, key, std::move(message));
  }

  /// The value of a dotted key; nullptr when the files do not hold it.
  const core::YamlNode* node_of(const std::string& key) const {
    const core::YamlNode* at = &root_;
    for (std::size_t begin = 0; at != nullptr && begin <= key.size();) {
      const std::size_t end = std::min(key.find('.', begin), key.size());
      at = at->find(key.substr(begin, end - begin));
      begin = end + 1;
    }
    return at;
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
      const auto page = within_rate(clock_, [&] {
        return connector.list(object, std::nullopt, config_.rules->paths(source.name, object),
                              transport_, clock_.wall_now());
      });
      if (!page) return unreadable(source, object, object.str() + " to be readable", page.error());
      note_rows(source, object, *page);
    }
    if (!connector.catalogue_root()) return;
    const auto catalogue = connector.describe(object, transport_, clock_.wall_now());
    if (!catalogue) {
      return unreadable(source, object, "to read what " + object.str() + " hold",
                        catalogue.error());
    }
    auto found =
        mapping::check_fields(*config_.rules, config_.file, source.name, object, *catalogue);
    append(findings_.problems, std::move(found.problems));
    append(findings_.warnings, std::move(found.warnings));
  }

  /// Rows without an id, for example: none of them is a record. A problem when all are so.
  void note_rows(const config::SourceConfig& source, const core::ObjectName& object,
                 const connectors::Page& page) {
    const std::string key = key_of(source, object);
    if (!page.bad_rows.empty()) {
      const std::string text = "expected every row of " + object.str() + " to be a record, got " +
                               std::to_string(page.bad_rows.size()) + " of " +
                               std::to_string(page.bad_rows.size() + page.records.size()) +
                               " on the first page that are none; " + page.bad_rows.front();
      add(page.records.empty() ? findings_.problems : findings_.warnings, key, text);
    }
    for (const std::string& warning : page.warnings) {
      add(findings_.warnings, key, object.str() + ": " + warning);
    }
  }

  /// The object's place where the configuration describes it, else the source's.
  std::string key_of(const config::SourceConfig& source, const core::ObjectName& object) const {
    const std::string key = "sources." + source.name.str();
    const std::string of_object = key + ".objects." + object.str();
    return node_of(of_object) == nullptr ? key : of_object;
  }

  void unreadable(const config::SourceConfig& source, const core::ObjectName& object,
                  const std::string& expected, const ReadError& error) {
    std::string got = error.reason;
    if (error.kind == ReadError::Kind::unauthorized) {
      got += " (the source refuses the credential that stands here)";
    } else if (error.kind == ReadError::Kind::throttled) {
      got += " (too many calls: try again later)";
    }
    problem(key_of(source, object), "expected " + expected + ", got: " + got);
  }

  const config::Config& config_;
  const core::YamlNode root_;  // for the places of keys, which the configuration no longer has
  core::SystemClock clock_;
  http::PooledTransport own_;
  core::HttpTransport& transport_;
  OnlineFindings findings_;
};

}  // namespace

OnlineFindings check_online(const config::Config& config, core::HttpTransport* transport) {
  return OnlineCheck(config, transport).run();
}

}  // namespace assembly_sync::cli
