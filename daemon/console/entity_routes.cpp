// Search, and one entity with where its values came from.
#include "daemon/answers/entities.hpp"
#include "daemon/answers/why.hpp"
#include "daemon/console/pages.hpp"
#include "daemon/console/site.hpp"

namespace assembly_sync::console {

using core::Value;

namespace {

constexpr int kFound = 50;

}  // namespace

void add_entities(Site& site, const Ports& ports) {
  const auto search = [&](const Visit& visit) -> Answer {
    return ports.store.read([&](const store::View& view) {
      return answers::search(view, visit.parameter("q"), kFound);
    });
  };
  site.questions.push_back({"search", search, search_page});
  site.questions.push_back({"entities", search, search_page});
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
