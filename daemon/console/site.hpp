// The list of all pages and orders. Built once; then constant.
#pragma once

#include <vector>

#include "daemon/console/console.hpp"
#include "daemon/console/routes.hpp"
#include "daemon/console/series.hpp"

namespace assembly_sync::console {

struct Site {
  std::vector<Question> questions;
  std::vector<Order> orders;
};

/// The parts of it; `ports` must outlive the site.
void add_tail(Site& site, const Ports& ports);
void add_entities(Site& site, const Ports& ports);
void add_waiting(Site& site, const Ports& ports);
void add_workbench(Site& site, const WorkbenchPorts& ports);

/// `ports` and `series` must outlive it.
Site make_site(const Ports& ports, const Series& series);

}  // namespace assembly_sync::console
