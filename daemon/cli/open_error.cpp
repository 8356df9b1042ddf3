#include "daemon/cli/open_error.hpp"

#include <ostream>

#include "daemon/cli/cli.hpp"

namespace assembly_sync::cli {

int explain(const store::OpenError& error, std::ostream& err) {
  err << "assembly-sync: " << error.message << '\n';
  switch (error.kind) {
    case store::OpenError::Kind::too_new:
      return kConfiguration;
    case store::OpenError::Kind::busy:
      return kTryAgain;
    case store::OpenError::Kind::broken:
      return kUnavailable;
  }
  return kUnavailable;
}

}  // namespace assembly_sync::cli
