// A REST source behind OAuth: Zoho, whose tokens have a word of their own.
#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

const core::ObjectName kContacts("contacts");

std::unique_ptr<Connector> zoho() {
  return make_source("zoho", "client_id: c\nclient_secret: s\nrefresh_token: r\n");
}

std::string header(const core::HttpRequest& request, const std::string& name) {
  return std::string(core::find_header(request.headers, name).value_or("(none)"));
}

TEST(RestOAuth, asks_for_a_token_and_again_when_it_is_refused) {
  const auto source = zoho();
  int tokens = 0;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (request.url == "https://accounts.zoho.com/oauth/v2/token") {
      EXPECT_THAT(request.body, HasSubstr("grant_type=refresh_token"));
      EXPECT_THAT(request.body, HasSubstr("refresh_token=r"));
      return answer(200, "{\"access_token\":\"t" + std::to_string(++tokens) +
                             "\",\"expires_in\":3600,\"api_domain\":\"https://x\"}");
    }
    if (header(request, "Authorization") == "Zoho-oauthtoken t1") return answer(401, "{}");
    EXPECT_EQ(header(request, "Authorization"), "Zoho-oauthtoken t2");
    return answer(200, R"({"data":[{"id":"7","Account_Name":{"id":"3","name":"Acme"}}],
                           "info":{"more_records":false}})");
  });
  const auto records = list_all(*source, "contacts", transport, {{"Email"}});
  ASSERT_TRUE(records.has_value());
  EXPECT_EQ(tokens, 2);
  EXPECT_THAT(ids_of(*records), ElementsAre("7"));
  EXPECT_EQ(records->front().related.at(0).id.str(), "3");
  const std::string url = transport.requests.back().url;
  EXPECT_THAT(url, HasSubstr("/crm/v8/Contacts?fields=Account_Name%2CCreated_Time%2CEmail%2C"
                             "Modified_Time%2Cid&per_page=200&page=1&sort_by=id&sort_order=asc"));
  EXPECT_EQ(header(transport.requests.back(), "If-Modified-Since"), "(none)");
}

TEST(RestOAuth, changes_and_deletions_are_asked_from_the_same_moment_and_may_be_none) {
  const auto source = zoho();
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (request.url.ends_with("/token")) return answer(200, R"({"access_token":"t"})");
    EXPECT_EQ(header(request, "If-Modified-Since"), "2026-03-01T10:59:00+00:00");
    if (request.url.find("/deleted") == std::string::npos) return answer(304, "");
    return answer(200, R"({"data":[{"id":"9","deleted_time":"2026-03-01T13:00:00+01:00"}],
                           "info":{"more_records":false}})");
  });
  const auto pass = all_changes(*source, "contacts",
                                source->changes_since(kContacts, at_ms(1772362800000)), transport);
  ASSERT_TRUE(pass.has_value()) << pass.error().reason;
  EXPECT_THAT(in_words(pass->notices), ElementsAre("deleted 9"));
}

TEST(RestOAuth, a_refused_refresh_token_is_told_as_such) {
  const auto source = zoho();
  ScriptedTransport transport(
      [&](const core::HttpRequest&) { return answer(400, R"({"error":"invalid_grant"})"); });
  const auto page = source->list(kContacts, {}, {}, transport, kNow);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().kind, ReadError::Kind::unauthorized);
}

}  // namespace
}  // namespace assembly_sync::connectors
