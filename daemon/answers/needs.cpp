#include "daemon/answers/needs.hpp"

#include "core/text.hpp"
#include "daemon/answers/status.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using Kind = Need::Kind;

std::int64_t count_in(const Value& document, std::string_view name) {
  const Value& count = document.at(name);
  return count.is_int() ? count.as_int() : 0;
}

/// Rows of /freshz that no other need tells.
void of_delivery(const Value& status, std::vector<Need>& out) {
  const Value& stale = status.at("freshness").at("stale");
  if (!stale.is_list()) return;
  for (const Value& row : stale.as_list()) {
    if (row.text_or("what") == "delivery") {
      out.push_back({Kind::stale, row.text_or("why"), row.text_or("since")});
    }
  }
}

void of_whole(const Value& status, std::vector<Need>& out) {
  if (status.at("running") == Value(false)) {
    const std::string since = status.text_or("last_alive");
    out.push_back({Kind::stopped,
                   "no daemon is running" +
                       (since.empty() ? "" : ", it was last alive at " + since) +
                       ": webhooks are not answered, and nothing is read or sent. Start it "
                       "(systemctl start assembly-sync, or assembly-sync run)",
                   since});
  }
  if (const std::string waits = status.text_or("waits"); !waits.empty()) {
    out.push_back({Kind::waits, "sources are told to wait: " + waits, ""});
  }
  if (status.at("authorized") == Value(false)) {
    out.push_back({Kind::key, "Assembly refuses the API key: nothing is sent until it is accepted",
                   status.text_or("unauthorized_since")});
  } else if (const std::string since = status.text_or("lists_refused_since"); !since.empty()) {
    out.push_back({Kind::key,
                   "Assembly refuses the API key for reading its lists: backfills wait for them",
                   since});
  }
  const Value& rejected = status.at("config").at("rejected");
  if (rejected.is_object()) {
    out.push_back({Kind::config,
                   "the configuration of " + rejected.text_or("at") + " was refused: " +
                       core::count_text(count_in(rejected, "problems"), "problem") +
                       ", the first: " + rejected.text_or("first") + "; the one before goes on",
                   rejected.text_or("at")});
  }
}

void of_source(const std::string& name, const Value& source, std::vector<Need>& out) {
  if (source.at("configured") == Value(false)) {
    out.push_back({Kind::removed,
                   "source " + name +
                       " was taken out of the configuration: what came from it waits until it is "
                       "back",
                   ""});
  }
  if (source.at("fresh") == Value(false)) {
    out.push_back({Kind::source, "source " + name + ": " + source.text_or("problem"),
                   source.text_or("problem_since")});
  }
  if (!source.at("doubted").is_list()) return;
  for (const Value& pass : source.at("doubted").as_list()) {
    out.push_back({Kind::doubted,
                   doubt_text(name + '.' + pass.text_or("object"), count_in(pass, "there"),
                              count_in(pass, "absent"), count_in(pass, "bad_rows")),
                   pass.text_or("at")});
  }
}

void of_records(const Value& status, std::vector<Need>& out) {
  if (const auto dead = count_in(status, "dead"); dead > 0) {
    out.push_back({Kind::dead, core::count_text(dead, "dead letter"), "", "dead list"});
  }
  if (const auto held = count_in(status.at("notices"), "held"); held > 0) {
    out.push_back({Kind::held, core::count_text(held, "usage log") + " held", "", "holds list"});
  }
  if (const auto kept = count_in(status, "quarantine"); kept > 0) {
    out.push_back({Kind::quarantine,
                   core::count_text(kept, "webhook") +
                       " in quarantine: check its source's secret and public_url",
                   "", "quarantine list"});
  }
}

}  // namespace

std::vector<Need> needs(const Value& status) {
  std::vector<Need> out;
  of_whole(status, out);
  of_delivery(status, out);
  if (status.at("sources").is_object()) {
    for (const auto& [name, source] : status.at("sources").as_object()) {
      of_source(name, source, out);
    }
  }
  of_records(status, out);
  return out;
}

}  // namespace assembly_sync::answers
