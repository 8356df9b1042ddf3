#include "connectors/rest/hooks.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "connectors/record_fields.hpp"
#include "connectors/rest/pages.hpp"
#include "connectors/rest/raw_json.hpp"
#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/json_view.hpp"

namespace assembly_sync::connectors::rest {
namespace {

ReadError unreadable(const std::string& what) {
  return {.kind = ReadError::Kind::transient,
          .retry_after = {},
          .reason = "the API's answer about webhooks " + what};
}

std::string text_at(const std::optional<Field>& field, core::JsonView view) {
  const auto found = field ? field->find(view) : std::nullopt;
  return found ? scalar_text(*found).value_or("") : std::string();
}

bool holds_more_than_null(std::string_view raw, const Path& path) {
  const auto values = raw_find(raw, path);
  return std::any_of(values.begin(), values.end(),
                     [](std::string_view value) { return value != "null"; });
}

/// 15 digits, which every API takes for a whole number and reads back as it is.
std::string number_of(const std::string& text) {
  constexpr std::uint64_t kLeast = 100'000'000'000'000;
  std::uint64_t number = 0;
  for (const char byte : core::sha256(text).substr(0, sizeof number)) {
    number = number << 8U | static_cast<unsigned char>(byte);
  }
  return std::to_string(kLeast + number % (9 * kLeast));
}

/// An event is told by one that is the same, or that has all of its members.
bool covers(const core::Value& told, const core::Value& wanted) {
  if (!wanted.is_object()) return told == wanted;
  const auto& members = wanted.as_object();
  return std::all_of(members.begin(), members.end(),
                     [&](const auto& member) { return told.at(member.first) == member.second; });
}

/// For what is looked for in a listed subscription.
class HookVariables final : public Variables {
 public:
  explicit HookVariables(const Hook& hook) : hook_(hook) {}
  std::optional<core::Value> find(const std::string& name, const std::string&) const override {
    if (name == "hook.name") return core::Value(hook_.name);
    if (name == "hook.url") return core::Value(hook_.url);
    if (name == "hook.id") return core::Value(hook_.id);
    return std::nullopt;
  }

 private:
  const Hook& hook_;
};

class DescribedHooks final : public HookKeeper {
 public:
  DescribedHooks(const SourceSpec& spec, Authorizer& authorizer, HookSecret secret)
      : spec_(spec), hooks_(*spec.hooks), authorizer_(authorizer), secret_(std::move(secret)) {}

  std::vector<HookTopic> topics(const WantedPaths&, const std::string& url) const override {
    std::vector<HookTopic> topics = hooks_.topics;
    for (HookTopic& topic : topics) topic.own_id = own_id(topic.name, url);
    return topics;
  }
  bool tells_names() const override { return hooks_.name.has_value(); }
  bool renews() const override { return hooks_.renew.has_value(); }
  bool brings_secret() const override { return hooks_.created_secret.has_value(); }
  std::string secret_key() const override { return secret_.key; }

  ReadResult<std::vector<Hook>> list(core::HttpTransport& transport,
                                     core::WallTime now) const override {
    std::vector<Hook> hooks;
    PageState state = PageState::first(hooks_.list.pages);
    while (true) {
      const Client client(spec_, authorizer_, transport, now);
      client.owe(1);  // they are few, and half of what belongs together must not be left undone
      Given given;
      state.give(hooks_.list.pages, given);
      const auto answer =
          client.ask(hooks_.list.request, given, {now, std::nullopt, std::nullopt}, state.address);
      if (!answer) return tl::unexpected(answer.error());
      if (answer->kind != Answer::Kind::ok) return hooks;
      core::JsonDocument document;
      const auto body = document.parse(answer->body);
      if (!body) return tl::unexpected(unreadable("is no JSON: " + body.error().message));
      const std::size_t before = hooks.size();
      for (const std::string_view place : raw_find(answer->body, hooks_.list.records)) {
        for_each_raw_item(place, [&](std::string_view raw) { add(raw, hooks); });
      }
      auto next = next_page(hooks_.list.pages, state,
                            {hooks.size() - before, hooks.empty() ? "" : hooks.back().id, *body,
                             std::nullopt, answer->headers, answer->path});
      if (!next) return tl::unexpected(next.error());
      if (!*next) return hooks;
      state = std::move(**next);
    }
  }

  ReadResult<MadeHook> create(const std::string& name, const std::string& url,
                              core::HttpTransport& transport, core::WallTime now) const override {
    Hook hook;
    hook.id = own_id(name, url);
    hook.name = name;
    hook.url = url;
    const auto answer = ask(hooks_.create, hook, transport, now);
    if (!answer) return tl::unexpected(answer.error());
    core::JsonDocument document;
    const auto body = document.parse(answer->body);
    if (!body) return tl::unexpected(unreadable("is no JSON: " + body.error().message));
    MadeHook made;
    made.id = hooks_.created_id ? text_at(hooks_.created_id, *body) : hook.id;
    if (std::string secret = text_at(hooks_.created_secret, *body); !secret.empty()) {
      made.secret = core::Secret(std::move(secret));
    }
    if (made.id.empty()) return tl::unexpected(unreadable("names no id of the new one"));
    return made;
  }

  std::optional<ReadError> renew(const Hook& hook, core::HttpTransport& transport,
                                 core::WallTime now) const override {
    if (!hooks_.renew) return std::nullopt;
    auto answer = ask(*hooks_.renew, hook, transport, now);
    // What has run out may be forgotten: under an id of ours it is made again.
    const bool forgotten = !answer && answer.error().kind == ReadError::Kind::rejected &&
                           hook.ends_ms && *hook.ends_ms <= core::to_ms(now);
    if (forgotten && !hooks_.created_id) answer = ask(hooks_.create, hook, transport, now);
    return answer ? std::nullopt : std::optional(answer.error());
  }

  std::optional<ReadError> remove(const Hook& hook, core::HttpTransport& transport,
                                  core::WallTime now) const override {
    const auto answer = ask(hooks_.remove, hook, transport, now);
    return answer ? std::nullopt : std::optional(answer.error());
  }

 private:
  void add(std::string_view raw, std::vector<Hook>& hooks) const {
    core::JsonDocument document;
    const auto view = document.parse(raw);
    if (!view) return;
    Hook hook;
    hook.id = text_at(hooks_.id, *view);
    hook.url = text_at(hooks_.url, *view);
    hook.name = text_at(hooks_.name, *view);
    hook.working = hooks_.working.empty() || hooks_.working.holds(*view);
    if (hooks_.ends) hook.ends_ms = version_of(hooks_.ends->find(*view));
    hook.misfit = misfit_of(*view, raw, hook);
    hook.narrowed = hooks_.narrowed && holds_more_than_null(raw, *hooks_.narrowed);
    if (!hook.id.empty()) hooks.push_back(std::move(hook));
  }

  /// Where the API lets us choose: as described, else the same number each time for one address
  /// and name, so that no other installation has it and none is needed in memory.
  std::string own_id(const std::string& name, const std::string& url) const {
    if (hooks_.created_id) return {};
    for (const HookTopic& topic : hooks_.topics) {
      if (topic.name == name && !topic.own_id.empty()) return topic.own_id;
    }
    return number_of(url + '\n' + name);
  }

  /// What an API does not tell of a subscription is not held against it.
  std::string misfit_of(core::JsonView view, std::string_view raw, const Hook& hook) const {
    for (const auto& [field, texts] : hooks_.fits) {
      const std::string there = text_at(Field(field), view);
      if (there.empty() || std::find(texts.begin(), texts.end(), there) != texts.end()) continue;
      return "its " + field + " is not " + texts.front();
    }
    if (!hooks_.tells || tells_all(raw, hook)) return {};
    return "it does not tell all that is wanted";
  }

  bool tells_all(std::string_view raw, const Hook& hook) const {
    core::Value::List told;
    for (const std::string_view place : raw_find(raw, *hooks_.tells_at)) {
      for_each_raw_item(place, [&](std::string_view item) {
        if (auto value = core::parse_json(item)) told.push_back(std::move(*value));
      });
    }
    const auto wanted = hooks_.tells->fill(HookVariables(hook));
    if (told.empty() || !wanted || !wanted->is_list()) return true;
    const auto& all = wanted->as_list();
    return std::all_of(all.begin(), all.end(), [&](const core::Value& event) {
      return std::any_of(told.begin(), told.end(),
                         [&](const core::Value& one) { return covers(one, event); });
    });
  }

  ReadResult<Answer> ask(const RequestSpec& request, const Hook& hook,
                         core::HttpTransport& transport, core::WallTime now) const {
    Given given = {{"id", core::Value(hook.id)},
                   {"hook.id", core::Value(hook.id)},
                   {"hook.name", core::Value(hook.name)},
                   {"hook.url", core::Value(hook.url)}};
    if (!secret_.first.empty()) {
      const std::string_view secret = secret_.first.reveal();
      const std::size_t colon = std::min(secret.find(':'), secret.size());
      given["hook.secret"] = core::Value(secret);
      given["hook.user"] = core::Value(secret.substr(0, colon));
      given["hook.password"] = core::Value(secret.substr(std::min(colon + 1, secret.size())));
    }
    Moment moment{now, std::nullopt, std::nullopt};
    if (hooks_.lasts_ms > 0) moment.ends = now + std::chrono::milliseconds(hooks_.lasts_ms);
    const Client client(spec_, authorizer_, transport, now);
    client.owe(1);
    return client.ask(request, given, moment);
  }

  const SourceSpec& spec_;
  const HooksSpec& hooks_;
  Authorizer& authorizer_;
  const HookSecret secret_;
};

}  // namespace

std::unique_ptr<HookKeeper> make_hook_keeper(const SourceSpec& spec, Authorizer& authorizer,
                                             HookSecret secret) {
  return std::make_unique<DescribedHooks>(spec, authorizer, std::move(secret));
}

}  // namespace assembly_sync::connectors::rest
