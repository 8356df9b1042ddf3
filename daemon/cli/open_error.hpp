// Why the store could not be opened, in words and as an exit code.
#pragma once

#include <iosfwd>

#include "daemon/store/store.hpp"

namespace assembly_sync::cli {

/// Prints it; 78 for a store of a newer program, 75 when another process holds it, 69 when broken.
int explain(const store::OpenError& error, std::ostream& err);

}  // namespace assembly_sync::cli
