// Answers of the console, each with the headers that keep a browser on the safe side: nothing from
// elsewhere runs, frames or is guessed at, and nothing is kept in a cache. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "daemon/http/server.hpp"

namespace assembly_sync::console {

/// With those headers added, as far as the answer does not say otherwise.
http::Response guarded(http::Response response);
http::Response plain(int status, std::string body);
http::Response html_answer(int status, std::string document);
/// 303: the browser asks for `path` next. A path of this server, or `/` is taken instead.
http::Response see_other(std::string_view path);

}  // namespace assembly_sync::console
