// `hooks`: the subscriptions for webhooks at CRMs that run inside the test.
#include <map>
#include <mutex>

#include <gmock/gmock.h>

#include "core/json.hpp"
#include "daemon/http/server.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "e2e-attio-secret-5b1f";

/// Attio's list of webhooks; for a new one it chooses the secret.
class AttioHooks {
 public:
  AttioHooks()
      : server_("127.0.0.1:0",
                [this](const http::Request& request, const http::Responder& responder) {
                  responder.send(answer(request));
                }) {
    server_.start();
  }
  ~AttioHooks() { server_.stop(std::chrono::milliseconds{0}); }

  std::string url() const { return server_.url(); }
  void add(const std::string& url, bool narrowed) {
    const std::lock_guard lock(mutex_);
    add_hook(url, narrowed ? Value::object({{"$and", Value::list()}}) : Value());
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return hooks_.size();
  }
  void forbid() {
    const std::lock_guard lock(mutex_);
    forbidden_ = true;
  }

 private:
  http::Response answer(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    if (forbidden_) return http::json_response(403, R"({"code":"unauthorized"})");
    if (request.method == "GET") return list();
    if (request.method == "DELETE") {
      hooks_.erase(request.path.substr(request.path.rfind('/') + 1));
      return http::json_response(200, "{}");
    }
    const Value data = json(request.body).at("data");
    Value made = hooks_.at(add_hook(data.text_or("target_url"), Value()));
    made.set("secret", kSecret);
    return http::json_response(200, core::dump_json(Value::object({{"data", std::move(made)}})));
  }

  http::Response list() const {
    Value::List data;
    for (const auto& [id, hook] : hooks_) data.push_back(hook);
    return http::json_response(200, core::dump_json(Value::object({{"data", Value(data)}})));
  }

  std::string add_hook(const std::string& url, const Value& filter) {
    const std::string id = "w" + std::to_string(++last_);
    Value::List told;
    for (const char* event : {"created", "updated", "deleted", "merged"}) {
      told.push_back(
          Value::object({{"event_type", "record." + std::string(event)}, {"filter", filter}}));
    }
    hooks_[id] = Value::object({{"id", Value::object({{"webhook_id", id}})},
                                {"target_url", url},
                                {"status", "active"},
                                {"subscriptions", Value(std::move(told))}});
    return id;
  }

  mutable std::mutex mutex_;
  std::map<std::string, Value> hooks_;  // guarded by mutex_
  int last_ = 0;                        // guarded by mutex_
  bool forbidden_ = false;              // guarded by mutex_
  http::Server server_;
};

WorldOptions with_attio(const AttioHooks& attio, const std::string& more = "") {
  WorldOptions options;
  options.sources = "  attio:\n    type: attio\n    base_url: " + attio.url() +
                    "\n    access_token: ${env:ATTIO}\n" + more;
  options.variables = {{"ATTIO", "e2e-attio-token"}, {"ATTIO_SECRET", "not-known-yet"}};
  return options;
}

TEST(HooksVerb, TheFirstSubscriptionBringsTheSecretAndSaysWhereItBelongs) {
  AttioHooks attio;
  World world(with_attio(attio));
  const Finished shown = world.run({"hooks", "attio"});
  EXPECT_EQ(shown.code, 2);
  EXPECT_THAT(shown.out, HasSubstr("attio records: create: there is none"));
  EXPECT_EQ(attio.size(), 0U) << "showing makes nothing";
  const Finished made = world.run({"hooks", "attio", "--apply", "--json"});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(json(made.out).at("hooks").as_list().at(0).at("done"), Value(true));
  EXPECT_THAT(made.out, Not(HasSubstr(kSecret)));
  EXPECT_THAT(made.err, HasSubstr(kSecret));
  EXPECT_THAT(made.err, HasSubstr("sources.attio.webhook_secrets"));
  EXPECT_THAT(made.err, HasSubstr("a new list sources.attio.webhook_secrets is read from"));
  const Finished again = world.run({"hooks", "attio", "--apply"});
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.out, HasSubstr("attio records: there (id w1)"));
  EXPECT_THAT(again.err, Not(HasSubstr(kSecret)));
  EXPECT_EQ(attio.size(), 1U);
}

TEST(HooksVerb, WithASecretInPlaceANewOneGoesBesideIt) {
  AttioHooks attio;
  World world(with_attio(attio, "    webhook_secrets: [\"${env:ATTIO_SECRET}\"]\n"));
  const Finished made = world.run({"hooks", "attio", "--apply"});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("one of the list sources.attio.webhook_secrets"));
}

TEST(HooksVerb, TwoThatAnAdminNarrowedToObjectsAreEnough) {
  AttioHooks attio;
  const std::string here = std::string(kPublicUrl) + "/hooks/attio";
  attio.add(here + "/companies", true);
  attio.add(here + "/people", true);
  World world(with_attio(attio, "    webhook_secrets: [\"${env:ATTIO_SECRET}\"]\n"));
  const Finished done = world.run({"hooks", "attio", "--apply"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("attio records: there (id w1): of companies alone\n"));
  EXPECT_EQ(attio.size(), 2U);
}

TEST(HooksVerb, ACrmThatRefusesIsNoReasonToSayNothingOfTheOthers) {
  AttioHooks attio;
  attio.forbid();
  World world(with_attio(attio));
  const Finished shown = world.run({"hooks"});
  EXPECT_EQ(shown.code, 69);
  EXPECT_THAT(shown.err, HasSubstr("assembly-sync hooks: attio: the API answered 403"));
  EXPECT_THAT(shown.out, HasSubstr("hubspot: its webhooks are set up in the CRM by hand; they go "
                                   "to https://sync.example.test/hooks/hubspot"));
}

}  // namespace
}  // namespace assembly_sync::test
