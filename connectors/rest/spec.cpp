#include "connectors/rest/spec.hpp"

#include <algorithm>

#include <re2/re2.h>

#include "core/problem.hpp"

namespace assembly_sync::connectors::rest {
namespace {

using Where = std::vector<std::string>;
using Problems = std::vector<SettingProblem>;

Where at(Where where, std::string step) {
  where.push_back(std::move(step));
  return where;
}

Path split(const std::string& text) {
  return Field(text).names();
}

std::vector<Field> fields_of(const std::vector<std::string>& texts) {
  std::vector<Field> fields;
  for (const std::string& text : texts) fields.emplace_back(text);
  return fields;
}

std::optional<Field> field_of(const Block& block, const std::string& name) {
  if (!block.has_text(name)) return std::nullopt;
  return Field(block.text(name));
}

Condition condition_of(const Block& block, const std::string& name) {
  const auto found = block.matches.find(name);
  return Condition(found == block.matches.end() ? Match{} : found->second);
}

std::vector<MergeSpec> merges_of(const Block& block) {
  std::vector<MergeSpec> merges;
  const auto found = block.block_lists.find("merges");
  if (found == block.block_lists.end()) return merges;
  for (const Block& merge : found->second) {
    merges.push_back({Field(merge.text("loser")), Field(merge.text("winner"))});
  }
  return merges;
}

std::set<int> statuses_of(const Block& block, const std::string& name) {
  std::set<int> out;
  for (const std::string& text : block.list(name)) out.insert(std::stoi(text));
  return out;
}

/// Where subscriptions for webhooks are described.
constexpr const char* kHookVariables[] = {"hook.name", "hook.id",       "hook.url", "hook.secret",
                                          "hook.user", "hook.password", "hook.ends"};

constexpr const char* kPlainVariables[] = {"cursor", "page", "offset", "limit", "since",
                                           "now",    "id",   "ids",    "fields"};

/// Reads one source's block; knows its names, so that each variable can be checked.
class Builder {
 public:
  Builder(SourceSpec& spec, Problems& problems) : spec_(spec), problems_(problems) {}

  void read(const Block& block) {
    spec_.base_url = block.text("base_url");
    while (spec_.base_url.ends_with('/')) spec_.base_url.pop_back();
    if (const auto found = block.secret_maps.find("secrets"); found != block.secret_maps.end()) {
      spec_.secrets = found->second;
    }
    if (const auto found = block.text_maps.find("config"); found != block.text_maps.end()) {
      spec_.config.insert(found->second.begin(), found->second.end());
    }
    read_auth(block);
    spec_.headers = templates(block, "headers", {});
    read_responses(block);
    read_wait(block);
    if (const Block* rate = block.block("rate")) {
      spec_.rate = RateSpec{rate->number("requests"), rate->number("seconds")};
    }
    if (const Block* webhook = block.block("webhook")) {
      spec_.events = split(webhook->text("events"));
      spec_.delivery = field_of(*webhook, "delivery");
      spec_.delivery_header = webhook->text("delivery_header");
    }
    const auto objects = block.named.find("objects");
    if (objects != block.named.end()) {
      for (const auto& [name, object] : objects->second) {
        spec_.objects.push_back(object_of(name, object, {"objects", name}));
      }
      check_objects();
    }
    if (const Block* hooks = block.block("hooks")) {
      spec_.hooks = hooks_of(*hooks, {"hooks"});
      spec_.hooks->topics = topics_of(block, *hooks, {"hooks"});
    }
  }

 private:
  void problem(Where where, std::string message) {
    problems_.push_back({std::move(where), std::move(message)});
  }

  // -- variables

  bool is_known(const std::string& name) const {
    if (std::find(std::begin(kPlainVariables), std::end(kPlainVariables), name) !=
        std::end(kPlainVariables)) {
      return true;
    }
    if (in_hooks_ && std::find(std::begin(kHookVariables), std::end(kHookVariables), name) !=
                         std::end(kHookVariables)) {
      return true;
    }
    if (name.starts_with("secret.")) return spec_.secrets.contains(name.substr(7));
    if (name.starts_with("config.")) return spec_.config.contains(name.substr(7));
    return name.starts_with("token.") && name.size() > 6 && spec_.auth.has_token();
  }

  std::vector<std::string> known() const {
    std::vector<std::string> names(std::begin(kPlainVariables), std::end(kPlainVariables));
    for (const auto& [name, secret] : spec_.secrets) names.push_back("secret." + name);
    for (const auto& [name, text] : spec_.config) names.push_back("config." + name);
    return names;
  }

  void check_use(const TextTemplate::Use& use, const Where& where) {
    if (!is_known(use.name)) {
      const std::string near = core::nearest(use.name, known());
      std::string list;
      for (const std::string& name : known()) list += (list.empty() ? "{" : ", {") + name + '}';
      problem(where, near.empty()
                         ? "expected one of the variables " + list + ", got another"
                         : "expected a known variable, got another: did you mean {" + near + "}?");
    }
    if (use.format.empty()) return;
    const bool number = use.name == "id" || use.name == "ids";
    if (number && use.format == kIntegerFormat) return;
    const bool time = use.name == "since" || use.name == "now" || use.name == "hook.ends";
    const auto& formats = time_formats();
    if (time && std::find(formats.begin(), formats.end(), use.format) != formats.end()) return;
    std::string list;
    for (const std::string& format : formats) list += (list.empty() ? "" : ", ") + format;
    problem(where, "expected {since:FORMAT} or {now:FORMAT} with one of " + list +
                       ", or {id:integer} or {ids:integer}, got another format");
  }

  TextTemplate text_template(const std::string& text, const Where& where) {
    auto parsed = TextTemplate::parse(text);
    if (!parsed) {
      problem(where, parsed.error().message);
      return {};
    }
    for (const auto& use : parsed->uses()) check_use(use, where);
    return std::move(*parsed);
  }

  Templates templates(const Block& block, const std::string& name, const Where& where) {
    Templates out;
    const auto found = block.text_maps.find(name);
    if (found == block.text_maps.end()) return out;
    for (const auto& [key, text] : found->second) {
      out.emplace_back(key, text_template(text, at(at(where, name), key)));
    }
    return out;
  }

  // -- requests and listings

  RequestSpec request_of(const Block& block, const Where& where) {
    RequestSpec request;
    request.method = block.text("method");
    request.path = text_template(block.text("path"), at(where, "path"));
    if (!block.text("path").starts_with('/')) {
      problem(at(where, "path"), "expected a path that begins with /, got another text");
    }
    request.query = templates(block, "query", where);
    request.headers = templates(block, "headers", where);
    const auto body = block.values.find("body");
    if (body == block.values.end()) return request;
    auto parsed = BodyTemplate::parse(body->second);
    if (!parsed) {
      problem(at(where, "body"), parsed.error().message);
      return request;
    }
    for (const auto& use : parsed->uses()) check_use(use, at(where, "body"));
    request.body = std::move(*parsed);
    if (request.method == "GET") {
      problem(at(where, "body"), "expected `method: POST` beside it, got a GET");
    }
    return request;
  }

  static PagesSpec::Scheme pages_scheme(const std::string& text) {
    using S = PagesSpec::Scheme;
    static const std::map<std::string, S> kSchemes = {
        {"none", S::none},     {"offset", S::offset},     {"page", S::page}, {"cursor", S::cursor},
        {"keyset", S::keyset}, {"next-url", S::next_url}, {"link", S::link}};
    return kSchemes.at(text);
  }

  PagesSpec pages_of(const Block& block, const RequestSpec& request, const Where& where) {
    PagesSpec pages;
    const Block* written = block.block("pages");
    if (written == nullptr) return pages;
    using S = PagesSpec::Scheme;
    pages.scheme = pages_scheme(written->text("scheme"));
    pages.limit = written->number("limit");
    if (pages.scheme == S::page) pages.first = written->number("first");
    if (pages.scheme == S::offset) pages.first = written->number("start");
    if (pages.scheme == S::keyset) pages.start = written->text("start");
    pages.most = written->number("most");
    pages.more = field_of(*written, "more");
    pages.total = field_of(*written, "total");
    pages.token = field_of(*written, "token");
    pages.short_page_ends = written->flag("short_page_ends");
    const char* value = pages.scheme == S::cursor ? "value" : "field";
    pages.value = field_of(*written, value);
    check_pages(pages, request, at(where, "pages"));
    return pages;
  }

  void check_pages(const PagesSpec& pages, const RequestSpec& request, const Where& where) {
    using S = PagesSpec::Scheme;
    const std::pair<S, const char*> needed[] = {
        {S::offset, "offset"}, {S::page, "page"}, {S::cursor, "cursor"}, {S::keyset, "cursor"}};
    for (const auto& [scheme, variable] : needed) {
      if (pages.scheme != scheme || request.uses(variable)) continue;
      problem(where, "expected {" + std::string(variable) +
                         "} somewhere in the request, which asks for the next page, got none");
    }
    if (pages.token && !request.uses("cursor")) {
      problem(at(where, "token"), "expected {cursor} somewhere in the request, got none");
    }
    if (pages.short_page_ends && pages.limit == 0) {
      problem(at(where, "short_page_ends"), "expected `limit` beside it, got none");
    }
  }

  StreamSpec stream_of(const Block& block, const Where& where) {
    StreamSpec stream;
    if (const Block* request = block.block("request")) {
      stream.request = request_of(*request, at(where, "request"));
    }
    stream.records = split(block.text("records"));
    stream.pages = pages_of(block, stream.request, where);
    return stream;
  }

  // -- objects

  ChangesSpec changes_of(const Block& block, const ObjectSpec& object, const Where& where) {
    ChangesSpec changes;
    using S = ChangesSpec::Scheme;
    const std::string& scheme = block.text("scheme");
    changes.scheme = scheme == "query" ? S::query : scheme == "client" ? S::client : S::events;
    changes.stream = object.list;
    if (block.block("request") != nullptr) {
      changes.stream = stream_of(block, where);
      // What is not said anew is as in the listing.
      if (changes.scheme == S::query && !block.has_text("records")) {
        changes.stream.records = object.list.records;
      }
      if (changes.scheme == S::query && block.block("pages") == nullptr) {
        changes.stream.pages = object.list.pages;
        check_pages(changes.stream.pages, changes.stream.request, where);
      }
    } else {
      for (const char* name : {"records", "pages"}) {
        if (!block.has_text(name) && block.block(name) == nullptr) continue;
        problem(at(where, name), "expected `request` in `changes`, which they belong to, got none");
      }
    }
    changes.overlap_ms = block.number("overlap_seconds") * 1000;
    changes.inclusive = changes.scheme == S::client || block.flag("inclusive");
    changes.id = Field(block.text("id"));
    changes.updated = fields_of(block.list("updated"));
    changes.deleted = condition_of(block, "deleted");
    if (block.has_text("record")) changes.record = split(block.text("record"));
    changes.merges = merges_of(block);
    if (changes.scheme != S::client && !changes.stream.request.uses("since")) {
      problem(where,
              "expected {since} somewhere in the request, which asks for what changed, got "
              "none");
    }
    if (changes.scheme != S::events && object.updated.empty()) {
      problem(where, "expected `updated` in the object, the field of its change time, got none");
    }
    return changes;
  }

  DetailSpec detail_of(const Block& block, const Where& where) {
    DetailSpec detail;
    if (const Block* request = block.block("request")) {
      detail.request = request_of(*request, at(where, "request"));
    }
    detail.records = split(block.text("records"));
    detail.batch = static_cast<std::size_t>(block.number("batch"));
    detail.several = detail.request.uses("ids");
    if (!detail.several && !detail.request.uses("id")) {
      problem(at(where, "request"), "expected {id} or {ids} somewhere in it, got none");
    }
    if (!block.list("missing").empty()) detail.missing = statuses_of(block, "missing");
    return detail;
  }

  WebhookSpec webhook_of(const Block& block, const ObjectSpec& object) {
    WebhookSpec webhook;
    webhook.when = condition_of(block, "when");
    webhook.has_when = !webhook.when.empty();
    webhook.deleted = condition_of(block, "deleted");
    if (block.has_text("record")) webhook.record = split(block.text("record"));
    webhook.id = block.has_text("id") ? split(block.text("id")) : object.id.names();
    webhook.updated = fields_of(block.list("updated"));
    webhook.bare_id_is_deletion = block.flag("bare_id_is_deletion");
    webhook.merges = merges_of(block);
    return webhook;
  }

  ObjectSpec object_of(const std::string& name, const Block& block, const Where& where) {
    ObjectSpec object;
    object.name = core::ObjectName(name);
    object.id = Field(block.text("id"));
    object.updated = fields_of(block.list("updated"));
    object.list = stream_of(block, where);
    object.deleted = condition_of(block, "deleted");
    object.deleted_at = field_of(block, "deleted_at");
    if (const Block* changes = block.block("changes")) {
      object.changes = changes_of(*changes, object, at(where, "changes"));
    }
    if (const Block* detail = block.block("detail")) {
      object.detail = detail_of(*detail, at(where, "detail"));
    }
    if (const Block* deletions = block.block("deletions")) {
      object.deletions =
          DeletionsSpec{stream_of(*deletions, at(where, "deletions")), Field(deletions->text("id")),
                        fields_of(deletions->list("updated"))};
      if (!object.changes) {
        problem(at(where, "deletions"), "expected `changes` beside it, got none");
      }
    }
    if (const Block* company = block.block("company")) {
      object.company =
          LinkSpec{Field(company->text("field")), core::ObjectName(company->text("object")),
                   Field(company->text("id")), company->flag("all")};
    }
    if (const Block* nulls = block.block("nulls")) {
      for (const std::string& text : nulls->list("values")) object.null_texts.insert(text);
      for (const std::string& text : nulls->list("except")) object.null_except.insert(text);
    }
    if (!block.list("roots").empty()) {
      object.roots.emplace(block.list("roots").begin(), block.list("roots").end());
    }
    if (const auto found = block.block_lists.find("webhooks"); found != block.block_lists.end()) {
      for (const Block& rule : found->second) object.webhooks.push_back(webhook_of(rule, object));
    }
    object.uses_fields = object.list.request.uses("fields") ||
                         (object.changes && object.changes->stream.request.uses("fields")) ||
                         (object.detail && object.detail->request.uses("fields"));
    return object;
  }

  void check_objects() {
    const bool any_detail = std::any_of(spec_.objects.begin(), spec_.objects.end(),
                                        [](const ObjectSpec& o) { return o.detail.has_value(); });
    for (const ObjectSpec& object : spec_.objects) {
      const Where where = {"objects", object.name.str()};
      if (any_detail && !object.detail) {
        problem(where, "expected `detail` in every object or in none, got an object without it");
      }
      const bool thin = std::any_of(object.webhooks.begin(), object.webhooks.end(),
                                    [](const WebhookSpec& rule) { return !rule.record; });
      const bool thin_events = object.changes && !object.changes->record &&
                               object.changes->scheme == ChangesSpec::Scheme::events;
      if (!any_detail && (thin || thin_events)) {
        problem(at(where, thin ? "webhooks" : "changes"),
                "expected `record`, where the record stands, or `detail` in the object, which "
                "reads it, got neither");
      }
      if (object.company && spec_.find(object.company->object) == nullptr) {
        problem(at(at(where, "company"), "object"), "expected the name of an object, got another");
      }
    }
  }

  // -- the source

  HooksSpec hooks_of(const Block& block, const Where& where) {
    in_hooks_ = true;
    HooksSpec hooks;
    const auto part = [&](const char* name) -> const Block& {
      static const Block kNone;
      const Block* found = block.block(name);
      return found == nullptr ? kNone : *found;
    };
    const Block& list = part("list");
    hooks.list = stream_of(list, at(where, "list"));
    hooks.id = field_of(list, "id");
    hooks.url = field_of(list, "url");
    hooks.name = field_of(list, "name");
    hooks.ends = field_of(list, "ends");
    hooks.working = condition_of(list, "working");
    if (const auto fits = list.matches.find("fits"); fits != list.matches.end()) {
      hooks.fits = fits->second;
    }
    if (const Block* tells = list.block("tells")) {
      hooks.tells_at = split(tells->text("at"));
      hooks.tells = wanted_events(*tells, at(at(at(where, "list"), "tells"), "all"));
    }
    if (list.has_text("narrowed")) hooks.narrowed = split(list.text("narrowed"));
    const Block& create = part("create");
    hooks.create = request_of(*create.block("request"), at(at(where, "create"), "request"));
    hooks.created_id = field_of(create, "id");
    hooks.created_secret = field_of(create, "secret");
    hooks.remove = request_of(part("remove"), at(where, "remove"));
    if (const Block* renew = block.block("renew")) {
      hooks.renew = request_of(*renew, at(where, "renew"));
    }
    hooks.lasts_ms = block.number("lasts_seconds") * 1000;
    in_hooks_ = false;
    return hooks;
  }

  std::optional<BodyTemplate> wanted_events(const Block& tells, const Where& where) {
    const auto all = tells.values.find("all");
    if (all == tells.values.end()) return std::nullopt;
    if (!all->second.is_list()) {
      problem(where, "expected a list of events, got " + std::string(all->second.type_name()));
      return std::nullopt;
    }
    auto parsed = BodyTemplate::parse(all->second);
    if (!parsed) {
      problem(where, parsed.error().message);
      return std::nullopt;
    }
    for (const auto& use : parsed->uses()) check_use(use, where);
    return std::move(*parsed);
  }

  /// As `each` names them, or one for each text that the objects' webhooks have at `each_by`.
  std::vector<HookTopic> topics_of(const Block& source, const Block& hooks, const Where& where) {
    std::vector<HookTopic> topics;
    const bool by_field = hooks.has_text("each_by");
    if (const auto each = hooks.block_lists.find("each"); each != hooks.block_lists.end()) {
      for (const Block& one : each->second) {
        topics.push_back({.name = one.text("name"), .own_id = one.text("id")});
      }
    }
    if (by_field == !topics.empty()) {
      problem(where, by_field ? "expected either `each` or `each_by`, got both"
                              : "expected `each` or `each_by`, got neither");
      return topics;
    }
    const auto objects = source.named.find("objects");
    if (objects == source.named.end()) return topics;
    // Several that the CRM tells apart and that no field leads to objects: whose they are is open.
    if (!by_field && topics.size() > 1) return topics;
    for (const auto& [name, object] : objects->second) {
      const auto rules = object.block_lists.find("webhooks");
      if (rules == object.block_lists.end()) continue;
      for (const Block& rule : rules->second) {
        if (by_field) {
          add_topics(rule, hooks.text("each_by"), core::ObjectName(name), topics);
        } else {
          topics.front().objects.insert(core::ObjectName(name));
        }
      }
    }
    if (topics.empty()) {
      problem(at(where, "each_by"),
              "expected a field that `when` of some object's `webhooks` has, got another");
    }
    return topics;
  }

  static void add_topics(const Block& rule, const std::string& field,
                         const core::ObjectName& object, std::vector<HookTopic>& topics) {
    const auto when = rule.matches.find("when");
    if (when == rule.matches.end()) return;
    const auto texts = when->second.find(field);
    if (texts == when->second.end()) return;
    for (const std::string& name : texts->second) {
      auto known = std::find_if(topics.begin(), topics.end(),
                                [&](const HookTopic& topic) { return topic.name == name; });
      if (known == topics.end()) known = topics.insert(topics.end(), {.name = name});
      known->objects.insert(object);
    }
  }

  void read_auth(const Block& block) {
    const Block* auth = block.block("auth");
    if (auth == nullptr) return;
    using S = AuthSpec::Scheme;
    static const std::map<std::string, S> kSchemes = {{"none", S::none},   {"header", S::header},
                                                      {"query", S::query}, {"basic", S::basic},
                                                      {"login", S::login}, {"oauth", S::oauth}};
    AuthSpec& spec = spec_.auth;
    spec.scheme = kSchemes.at(auth->text("scheme"));
    spec.name = auth->text("name");
    const Where where = {"auth"};
    spec.value = text_template(auth->text("value"), at(where, "value"));
    spec.user = text_template(auth->text("user"), at(where, "user"));
    spec.password = text_template(auth->text("password"), at(where, "password"));
    if (spec.scheme == S::oauth) read_oauth(*auth, where);
    if (spec.scheme != S::login) return;
    spec.login = request_of(*auth, where);
    spec.token = Field(auth->text("token"));
    spec.expires = field_of(*auth, "expires");
    spec.expires_in_ms = auth->text("expires_unit") == "milliseconds";
    spec.lifetime_ms = auth->number("lifetime_seconds") * 1000;
  }

  void read_oauth(const Block& auth, const Where& where) {
    AuthSpec& spec = spec_.auth;
    const auto read = [&](const char* name) {
      return text_template(auth.text(name), at(where, name));
    };
    spec.token_url = auth.text("token_url");
    spec.client_id = read("client_id");
    spec.client_secret = read("client_secret");
    spec.refresh_token = read("refresh_token");
    spec.client_credentials = auth.text("grant") == "client_credentials";
    spec.client_in_header = auth.text("client") == "basic";
    spec.form = templates(auth, "form", where);
    spec.fields = auth.list("fields");
    if (!spec.client_credentials && !auth.has_text("refresh_token")) {
      problem(at(where, "refresh_token"), "expected a text, got nothing");
    }
  }

  void read_responses(const Block& block) {
    using A = ResponseRule::Action;
    static const std::map<std::string, A> kActions = {
        {"ok", A::ok},       {"empty", A::empty}, {"missing", A::missing},
        {"retry", A::retry}, {"fail", A::fail},   {"refresh", A::refresh}};
    const auto found = block.block_lists.find("responses");
    if (found == block.block_lists.end()) return;
    for (const Block& rule : found->second) {
      spec_.responses.push_back(
          {statuses_of(rule, "status"), rule.text("contains"), kActions.at(rule.text("action"))});
    }
  }

  void read_wait(const Block& block) {
    const Block* wait = block.block("wait");
    if (wait == nullptr) return;
    spec_.wait_header = wait->text("header");
    spec_.wait_pattern = wait->text("pattern");
    if (spec_.wait_pattern.empty()) return;
    const re2::RE2 pattern(spec_.wait_pattern, re2::RE2::Quiet);
    if (!pattern.ok() || pattern.NumberOfCapturingGroups() != 1) {
      problem({"wait", "pattern"},
              "expected a regular expression with the wait in one pair of parentheses, got another "
              "text");
    }
  }

  SourceSpec& spec_;
  Problems& problems_;
  bool in_hooks_ = false;
};

}  // namespace

bool RequestSpec::uses(std::string_view variable) const {
  const auto in = [&](const Templates& templates) {
    return std::any_of(templates.begin(), templates.end(),
                       [&](const auto& entry) { return entry.second.uses(variable); });
  };
  return path.uses(variable) || in(query) || in(headers) || (body && body->uses(variable));
}

const ObjectSpec* SourceSpec::find(const core::ObjectName& object) const {
  for (const ObjectSpec& candidate : objects) {
    if (candidate.name == object) return &candidate;
  }
  return nullptr;
}

SourceSpec make_spec(const core::SourceName& name, const Block& block, Problems& problems) {
  SourceSpec spec;
  spec.name = name;
  Builder(spec, problems).read(block);
  return spec;
}

}  // namespace assembly_sync::connectors::rest
