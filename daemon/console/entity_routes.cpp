// Search, one entity with where its values came from, and what became of one record.
#include "daemon/answers/entities.hpp"
#include "daemon/answers/why.hpp"
#include "daemon/answers/why_not.hpp"
#include "daemon/console/pages.hpp"
#include "daemon/console/site.hpp"

namespace assembly_sync::console {

using core::Value;

namespace {

constexpr int kFound = 50;

/// What the text means; where no entity is meant and it reads as a record, that too, as {record,
/// heard}: a record that was refused has no entity.
Value search(const store::View& view, const std::string& asked) {
  Value found = answers::search(view, asked, kFound);
  if (!found.at("entities").as_list().empty()) return found;
  if (const auto record = answers::parse_record(asked)) {
    found.set("record", answers::to_value(*record));
    found.set("heard", answers::why_not(view, *record).text_or("state") != "unknown");
  }
  return found;
}

Answer why_not(const Ports& ports, const Visit& visit) {
  const std::string stream = visit.parameter("object");
  const std::string id = visit.parameter("id");
  const auto record = answers::parse_record(stream + ' ' + id);
  if (stream.find_first_of(" /") != std::string::npos || id.empty() || !record) {
    return tl::unexpected(
        Refusal{400, "expected object=SOURCE.OBJECT and id=ID, such as hubspot.companies and 42"});
  }
  return ports.store.read(
      [&](const store::View& view) { return answers::why_not(view, *record, ports.would_send); });
}

}  // namespace

void add_entities(Site& site, const Ports& ports) {
  const auto sought = [&](const Visit& visit) -> Answer {
    return ports.store.read(
        [&](const store::View& view) { return search(view, visit.parameter("q")); });
  };
  site.questions.push_back({"search", sought, search_page});
  site.questions.push_back({"entities", sought, search_page});
  site.questions.push_back(
      {"records", [&](const Visit& visit) { return why_not(ports, visit); }, record_page});
  site.questions.push_back({"entities/*",
                            [&](const Visit& visit) -> Answer {
                              const auto id = number_in(visit, 0);
                              Value found;
                              if (id) {
                                found = ports.store.read([&](const store::View& view) {
                                  if (!view.entity(*id)) return Value();
                                  return answers::why(view, *id, visit.parameter("field"),
                                                      ports.steps);
                                });
                              }
                              if (found.is_null())
                                return missing("there is no entity of this number");
                              return found;
                            },
                            entity_page});
}

}  // namespace assembly_sync::console
