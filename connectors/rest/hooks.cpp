#include "connectors/rest/hooks.hpp"

#include <utility>

#include "connectors/record_fields.hpp"
#include "connectors/rest/pages.hpp"
#include "connectors/rest/raw_json.hpp"
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

class DescribedHooks final : public HookKeeper {
 public:
  DescribedHooks(const SourceSpec& spec, Authorizer& authorizer, core::Secret secret)
      : spec_(spec), hooks_(*spec.hooks), authorizer_(authorizer), secret_(std::move(secret)) {}

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, id] : hooks_.each) names.push_back(name);
    return names;
  }
  bool tells_names() const override { return hooks_.name.has_value(); }
  bool renews() const override { return hooks_.renew.has_value(); }

  ReadResult<std::vector<Hook>> list(core::HttpTransport& transport,
                                     core::WallTime now) const override {
    std::vector<Hook> hooks;
    PageState state = PageState::first(hooks_.list.pages);
    while (true) {
      const Client client(spec_, authorizer_, transport, now);
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
                             std::nullopt, answer->headers});
      if (!next) return tl::unexpected(next.error());
      if (!*next) return hooks;
      state = std::move(**next);
    }
  }

  ReadResult<MadeHook> create(const std::string& name, const std::string& url,
                              core::HttpTransport& transport, core::WallTime now) const override {
    Hook hook;
    hook.name = name;
    hook.url = url;
    for (const auto& [known, id] : hooks_.each) {
      if (known == name) hook.id = id;
    }
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
    const auto answer = ask(*hooks_.renew, hook, transport, now);
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
    if (!hook.id.empty()) hooks.push_back(std::move(hook));
  }

  ReadResult<Answer> ask(const RequestSpec& request, const Hook& hook,
                         core::HttpTransport& transport, core::WallTime now) const {
    Given given = {{"id", core::Value(hook.id)},
                   {"hook.id", core::Value(hook.id)},
                   {"hook.name", core::Value(hook.name)},
                   {"hook.url", core::Value(hook.url)}};
    if (!secret_.empty()) {
      const std::string_view secret = secret_.reveal();
      const std::size_t colon = std::min(secret.find(':'), secret.size());
      given["hook.secret"] = core::Value(secret);
      given["hook.user"] = core::Value(secret.substr(0, colon));
      given["hook.password"] = core::Value(secret.substr(std::min(colon + 1, secret.size())));
    }
    Moment moment{now, std::nullopt, std::nullopt};
    if (hooks_.lasts_ms > 0) moment.ends = now + std::chrono::milliseconds(hooks_.lasts_ms);
    return Client(spec_, authorizer_, transport, now).ask(request, given, moment);
  }

  const SourceSpec& spec_;
  const HooksSpec& hooks_;
  Authorizer& authorizer_;
  const core::Secret secret_;
};

}  // namespace

std::unique_ptr<HookKeeper> make_hook_keeper(const SourceSpec& spec, Authorizer& authorizer,
                                             core::Secret secret) {
  return std::make_unique<DescribedHooks>(spec, authorizer, std::move(secret));
}

}  // namespace assembly_sync::connectors::rest
