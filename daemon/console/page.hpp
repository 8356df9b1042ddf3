// What all pages of the console are made of: who asks for what, the frame around a page, and small
// pieces that several pages show. Pure; thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/console/auth.hpp"
#include "daemon/console/guard.hpp"
#include "daemon/console/html.hpp"
#include "daemon/console/table.hpp"
#include "daemon/http/server.hpp"

namespace assembly_sync::console {

/// A request that was let in.
struct Visit {
  const http::Request& request;
  std::vector<std::string> words{};  // what the route's `*` stand for
  Form form{};                       // of a POST
  Session session{};                 // empty ids for a bearer token
  core::WallTime now{};
  /// The query parameter; empty when there is none.
  std::string parameter(std::string_view name) const;
  std::string field(std::string_view name) const;
};

struct Page {
  std::string title;
  Markup body;
  /// The parts with `data-live` are renewed so often while the page is looked at; 0 = never.
  std::int64_t renew_ms = 0;
  std::string script{};  // a further script of assets/; empty = none
  /// The path of another page that is shown instead; empty = this one.
  std::string go{};
};

/// What the frame shows beside the page.
struct Frame {
  core::Value status;  // answers::status; null when the store can't be read
  std::string told;    // what came of the last order
};

/// The whole document.
std::string framed(const Page& page, const Frame& frame, const Visit& visit);
/// For somebody who is not signed in.
std::string login_document(std::string_view problem, std::string_view next);

// -- pieces

/// A time of a document (`2026-01-31T10:00:00.123Z`) for people: `3 min ago, 10:00:00 UTC`, which
/// can be read where no pointer hovers and be told to others. `none` stands in for null.
Markup time_of(const core::Value& time, const Visit& visit, std::string_view none = "never");
/// `12,345`
std::string grouped(std::int64_t number);
std::string grouped(const core::Value& number);
/// The number of a document's member; 0 when it is none.
std::int64_t number_of(const core::Value& document, std::string_view name);
/// Any value of a document: texts as they are, lists and objects as JSON.
Markup value_of(const core::Value& value);
/// A small word with a colour of its own: `good`, `bad`, `busy`, `plain`.
Markup badge(std::string_view word, std::string_view mood);
/// A button that orders something: a form with the session's token. `sure`: what the script asks
/// before it is sent; empty = nothing.
Markup order_button(std::string_view label, const std::string& path, const Visit& visit,
                    std::string_view sure = {}, std::string_view fields_name = {},
                    std::string_view fields_value = {});
Markup csrf_field(const Visit& visit);
/// A part of the page that renews itself.
Markup live(std::string_view id, const Markup& content);
/// `PUT /accounts/upsert`: broken in two where a part of the path begins, and within ids only.
Markup call_of(std::string_view method, std::string_view path);
/// Where the page about a record is. `stream` is SOURCE.OBJECT.
std::string record_path(std::string_view stream, std::string_view id);
/// `crm.accounts 1090`, a link to what became of it. `stream` is SOURCE.OBJECT.
Markup record_link(std::string_view stream, std::string_view id);
Markup record_link(std::string_view stream, std::string_view id, std::string_view label);
/// Of {source, object, id}; nothing of null.
Markup record_link(const core::Value& record);
/// Of an entity of a document, see answers/entities.hpp.
Markup entity_link(const core::Value& entity);
/// What a mapping makes of a record, see answers::WouldSend.
Markup would_send(const core::Value& sends);
/// Calls about one entity: [{at, method, path, status, outcome, reason}].
Markup attempts(const core::Value& calls, const Visit& visit);
/// `nothing here` in the place of a table.
Markup nothing(std::string_view words);

}  // namespace assembly_sync::console
