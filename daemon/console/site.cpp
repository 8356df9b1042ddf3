#include "daemon/console/site.hpp"

#include "daemon/answers/runs.hpp"
#include "daemon/answers/versions.hpp"
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

constexpr int kRunsShown = 50;

double rate_of(const Value& status) {
  const Value& rate = status.at("budget").at("per_second");
  return rate.is_number() ? rate.as_double() : 0;
}

void add_overview(Site& site, const Ports& ports, const Series& series) {
  const auto overview = [&](const Visit&) -> Answer {
    return Value::object({{"status", ports.status()}, {"samples", series.samples()}});
  };
  site.questions.push_back({"", overview, overview_page});
  site.questions.push_back({"overview", overview, overview_page});
}

void add_runs(Site& site, const Ports& ports) {
  site.questions.push_back({"runs",
                            [&](const Visit&) -> Answer {
                              const double rate = rate_of(ports.status());
                              return ports.store.read([&](const store::View& view) {
                                return answers::runs(view, rate, kRunsShown);
                              });
                            },
                            runs_page});
  site.questions.push_back({"runs/*",
                            [&](const Visit& visit) -> Answer {
                              const double rate = rate_of(ports.status());
                              const auto id = number_in(visit, 0);
                              Value found;
                              if (id) {
                                found = ports.store.read([&](const store::View& view) {
                                  return answers::run(view, *id, rate);
                                });
                              }
                              if (found.is_null()) return missing("there is no run of this number");
                              return found;
                            },
                            run_page});
}

void add_config(Site& site, const Ports& ports) {
  site.questions.push_back({"config",
                            [&](const Visit&) -> Answer {
                              Value out = ports.store.read([&](const store::View& view) {
                                Value all = answers::versions(view);
                                all.set("in_force", answers::version(view, 0, ports.shown_text));
                                return all;
                              });
                              out.set("rejected", ports.status().at("config").at("rejected"));
                              return out;
                            },
                            versions_page});
  site.questions.push_back({"config/*",
                            [&](const Visit& visit) -> Answer {
                              const auto number = number_in(visit, 0);
                              Value found;
                              if (number && *number > 0) {
                                found = ports.store.read([&](const store::View& view) {
                                  return answers::version(view, *number, ports.shown_text);
                                });
                              }
                              if (found.is_null())
                                return missing("the configuration of this version is not kept");
                              return found;
                            },
                            version_page});
}

}  // namespace

Site make_site(const Ports& ports, const Series& series) {
  Site site;
  add_overview(site, ports, series);
  add_tail(site, ports);
  add_entities(site, ports);
  add_waiting(site, ports);
  add_runs(site, ports);
  add_config(site, ports);
  add_workbench(site, ports.workbench);
  return site;
}

}  // namespace assembly_sync::console
