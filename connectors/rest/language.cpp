#include "connectors/rest/language.hpp"

#include <utility>

#include "connectors/webhook/verify.hpp"

namespace assembly_sync::connectors::rest {
namespace {

using Kind = Setting::Kind;
using Settings = std::vector<Setting>;

Setting must(std::string name, Kind kind) {
  return {.name = std::move(name), .kind = kind, .required = true};
}

Setting may(std::string name, Kind kind) {
  return {.name = std::move(name), .kind = kind};
}

Setting with_default(std::string name, Kind kind, std::string value) {
  return {.name = std::move(name), .kind = kind, .default_value = std::move(value)};
}

Setting whole(std::string name, std::int64_t least, std::int64_t most, std::string otherwise = {}) {
  return {.name = std::move(name),
          .kind = Kind::integer,
          .default_value = std::move(otherwise),
          .least = least,
          .most = most};
}

Setting block(std::string name, Settings settings, bool required = false) {
  return {.name = std::move(name),
          .kind = Kind::block,
          .required = required,
          .settings = std::move(settings)};
}

Setting list_of_blocks(std::string name, Settings settings) {
  return {.name = std::move(name), .kind = Kind::blocks, .settings = std::move(settings)};
}

Setting statuses(std::string name, bool required = false) {
  return {.name = std::move(name),
          .kind = Kind::integers,
          .required = required,
          .least = 100,
          .most = 599};
}

Setting method(std::string otherwise) {
  return {.name = "method",
          .kind = Kind::choice,
          .default_value = std::move(otherwise),
          .choices = {"GET", "POST"}};
}

Setting request(bool required) {
  Setting setting = block("request",
                          {method("GET"), must("path", Kind::text), may("query", Kind::text_map),
                           may("headers", Kind::text_map), may("body", Kind::json)},
                          required);
  setting.shared_as = required ? "rest_request" : "rest_other_request";
  return setting;
}

Setting most_pages() {
  return whole("most", 1, 10'000'000, "100000");
}

Setting pages() {
  const Setting limit = whole("limit", 1, 100'000);
  const Setting more = may("more", Kind::field);
  const Setting short_ends = with_default("short_page_ends", Kind::boolean, "false");
  Setting setting{.name = "pages", .kind = Kind::variant, .shared_as = "rest_pages"};
  setting.variants = {
      {"none", {}},
      {"offset",
       {limit, whole("start", 0, 1, "0"), may("total", Kind::field), more, short_ends,
        most_pages()}},
      {"page",
       {limit, whole("first", 0, 1, "1"), more, may("token", Kind::field), short_ends,
        most_pages()}},
      {"cursor", {limit, must("value", Kind::field), more, most_pages()}},
      {"keyset",
       {limit, with_default("field", Kind::field, "id"), may("start", Kind::text), short_ends,
        most_pages()}},
      {"next-url", {limit, must("field", Kind::field), most_pages()}},
      {"link", {limit, most_pages()}},
  };
  return setting;
}

Setting overlap() {
  return whole("overlap_seconds", 0, 86'400, "60");
}

Setting merges() {
  return list_of_blocks("merges", {must("loser", Kind::field), must("winner", Kind::field)});
}

Setting changes() {
  Setting setting{.name = "changes", .kind = Kind::variant};
  setting.variants = {
      {"query",
       {request(false), may("records", Kind::field), pages(), overlap(),
        with_default("inclusive", Kind::boolean, "true")}},
      {"client", {overlap()}},
      {"events",
       {request(true), may("records", Kind::field), pages(), must("id", Kind::field),
        must("updated", Kind::fields), may("deleted", Kind::match), may("record", Kind::field),
        merges(), overlap(), with_default("inclusive", Kind::boolean, "true")}},
  };
  return setting;
}

Setting object_webhooks() {
  return list_of_blocks(
      "webhooks", {may("when", Kind::match), may("deleted", Kind::match), may("id", Kind::field),
                   may("record", Kind::field), may("updated", Kind::fields), merges(),
                   with_default("bare_id_is_deletion", Kind::boolean, "false")});
}

Settings object_settings() {
  return {
      with_default("id", Kind::field, "id"),
      may("updated", Kind::fields),
      request(true),
      may("records", Kind::field),
      pages(),
      changes(),
      block("detail", {request(true), may("records", Kind::field), whole("batch", 1, 1000, "50"),
                       statuses("missing")}),
      block("deletions", {request(true), may("records", Kind::field), pages(),
                          with_default("id", Kind::field, "id"), may("updated", Kind::fields)}),
      may("deleted", Kind::match),
      may("deleted_at", Kind::field),
      block("company",
            {must("field", Kind::field), must("object", Kind::text),
             with_default("id", Kind::field, "id"), with_default("all", Kind::boolean, "false")}),
      block("nulls", {must("values", Kind::texts), may("except", Kind::texts)}),
      may("roots", Kind::texts),
      object_webhooks(),
  };
}

/// Of a request that changes something at the CRM.
Settings changing_request(std::string otherwise) {
  return {{.name = "method",
           .kind = Kind::choice,
           .default_value = std::move(otherwise),
           .choices = {"GET", "POST", "PUT", "PATCH", "DELETE"}},
          must("path", Kind::text),
          may("query", Kind::text_map),
          may("headers", Kind::text_map),
          may("body", Kind::json)};
}

/// Subscriptions for webhooks.
Setting hooks() {
  Setting setting = block(
      "hooks", {list_of_blocks("each", {must("name", Kind::text), may("id", Kind::text)}),
                may("each_by", Kind::field),
                block("list",
                      {request(true), may("records", Kind::field), pages(), must("id", Kind::field),
                       must("url", Kind::field), may("name", Kind::field), may("ends", Kind::field),
                       may("working", Kind::match), may("fits", Kind::match),
                       block("tells", {must("at", Kind::field), must("all", Kind::json)}),
                       may("narrowed", Kind::field)},
                      true),
                block("create",
                      {block("request", changing_request("POST"), true), may("id", Kind::field),
                       may("secret", Kind::field)},
                      true),
                block("remove", changing_request("DELETE"), true),
                block("renew", changing_request("PUT")), whole("lasts_seconds", 60, 31'536'000)});
  setting.shared_as = "rest_hooks";
  return setting;
}

Setting auth() {
  Setting setting{.name = "auth", .kind = Kind::variant, .shared_as = "rest_auth"};
  const Setting header = with_default("name", Kind::text, "Authorization");
  setting.variants = {
      {"none", {}},
      {"header", {header, must("value", Kind::text)}},
      {"query", {must("name", Kind::text), must("value", Kind::text)}},
      {"basic", {must("user", Kind::text), may("password", Kind::text)}},
      {"login",
       {method("POST"),
        must("path", Kind::text),
        may("query", Kind::text_map),
        may("headers", Kind::text_map),
        may("body", Kind::json),
        must("token", Kind::field),
        may("expires", Kind::field),
        {.name = "expires_unit",
         .kind = Kind::choice,
         .default_value = "seconds",
         .choices = {"seconds", "milliseconds"}},
        whole("lifetime_seconds", 10, 31'536'000, "1800"),
        header,
        must("value", Kind::text)}},
      {"oauth",
       {must("token_url", Kind::url),
        {.name = "grant",
         .kind = Kind::choice,
         .default_value = "refresh_token",
         .choices = {"refresh_token", "client_credentials"}},
        {.name = "client",
         .kind = Kind::choice,
         .default_value = "body",
         .choices = {"body", "basic"}},
        must("client_id", Kind::text),
        must("client_secret", Kind::text),
        may("refresh_token", Kind::text),
        may("form", Kind::text_map),
        may("fields", Kind::texts),
        header,
        with_default("value", Kind::text, "Bearer {token.access_token}")}},
  };
  return setting;
}

}  // namespace

Setting rate_setting() {
  Setting requests = whole("requests", 1, 100'000);
  Setting seconds = whole("seconds", 1, 86'400);
  requests.required = seconds.required = true;
  return block("rate", {std::move(requests), std::move(seconds)});
}

Setting objects_setting(bool required) {
  return {.name = "objects",
          .kind = Kind::objects,
          .required = required,
          .settings = object_settings(),
          .shared_as = "rest_objects"};
}

std::vector<Setting> settings() {
  Setting verify{.name = "verify", .kind = Kind::variant, .variants = webhook::schemes()};
  verify.shared_as = "verify";
  return {
      must("base_url", Kind::url),
      may("secrets", Kind::secret_map),
      may("config", Kind::text_map),
      may("headers", Kind::text_map),
      auth(),
      list_of_blocks("responses",
                     {statuses("status", true),
                      may("contains", Kind::text),
                      {.name = "action",
                       .kind = Kind::choice,
                       .required = true,
                       .choices = {"ok", "empty", "missing", "retry", "fail", "refresh"}}}),
      block("wait", {must("header", Kind::text), may("pattern", Kind::text)}),
      rate_setting(),
      std::move(verify),
      block("webhook", {may("events", Kind::field), may("delivery", Kind::field),
                        may("delivery_header", Kind::text)}),
      hooks(),
      objects_setting(true),
  };
}

}  // namespace assembly_sync::connectors::rest
