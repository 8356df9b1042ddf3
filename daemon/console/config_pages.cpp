// The configuration in force, and those before it.
#include "daemon/console/pages.hpp"

namespace assembly_sync::console {
namespace {

using core::Value;

Markup files(const Value& version) {
  Markup out;
  for (const Value& file : version.at("files").as_list()) {
    out += tag("h3", tag("code", file.text_or("path")));
    out += tag("pre", {{"tabindex", 0}, {"role", "region"}, {"aria-label", file.text_or("path")}},
               file.text_or("text"));
  }
  return out.empty() ? nothing("Its text is not kept.") : out;
}

}  // namespace

Page versions_page(const Value& document, const Visit& visit) {
  Page page{"Configuration", {}};
  const Value& in_force = document.at("in_force");
  if (in_force.is_null()) {
    page.body += nothing("No configuration is in force yet.");
    return page;
  }
  const Value& rejected = document.at("rejected");
  if (rejected.is_object()) {
    page.body +=
        tag("p", {{"class", "verdict bad"}}, "The one of ", time_of(rejected.at("at"), visit),
            " was refused: ", rejected.text_or("first"));
  }
  Rows rows;
  for (const Value& one : document.at("versions").as_list()) {
    const std::string number = std::to_string(number_of(one, "version"));
    const bool now = one.at("in_force") == Value(true);
    rows.push_back({tag("a", {{"href", path_to({"config", number})}}, number),
                    time_of(one.at("loaded_at"), visit),
                    tag("code", one.text_or("hash").substr(0, 12)),
                    now ? badge("in force", "good") : badge("replaced", "plain")});
  }
  page.body += table("Versions", {"Version", "Loaded", "SHA-256", "State"}, rows);
  page.body +=
      tag("p", {{"class", "quiet"}},
          "Back to an earlier one: ", tag("code", "assembly-sync rollback --to VERSION"),
          ". Try a change out in the ", tag("a", {{"href", "/workbench"}}, "workbench"), ".");
  page.body += tag("h2", "In force: version " + grouped(in_force.at("version")));
  page.body += files(in_force);
  return page;
}

Page version_page(const Value& version, const Visit& visit) {
  Page page{"Configuration, version " + grouped(version.at("version")), {}};
  const bool now = version.at("in_force") == Value(true);
  page.body += tag("p", now ? badge("in force", "good") : badge("replaced", "plain"), " loaded ",
                   time_of(version.at("loaded_at"), visit), ", SHA-256 ",
                   tag("code", version.text_or("hash")));
  page.body += files(version);
  return page;
}

}  // namespace assembly_sync::console
