// From a request of the documented API to the operation of the model (docs/assembly-api.md, I1-I6
// for the forms without an example). No key check, no limit: the sandbox has done both. Not
// thread-safe.
#pragma once

#include "daemon/http/server.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/model.hpp"

namespace assembly_sync::sandbox {

/// Never throws for anything in the request: an unknown path is refused with 404, a known one with
/// another method with 405, an unreadable body or number with 400.
Outcome route(Model& model, const http::Request& request);

}  // namespace assembly_sync::sandbox
