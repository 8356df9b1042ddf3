// Where a REST source goes for the next page: addresses of every form, and the header Link.
#include "connectors/rest/address.hpp"
#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::StartsWith;

TEST(RestAddress, is_resolved_against_the_page_that_gave_it) {
  const std::pair<const char*, const char*> expected[] = {
      {"/v2/people?page=2", "/v2/people?page=2"},
      {"?page=2", "/api/people?page=2"},
      {"people?page=2", "/api/people?page=2"},
      {"./people?page=2", "/api/people?page=2"},
      {"../v2/people", "/v2/people"},
      {"../../../people/..", "/"},
      {"people/", "/api/people/"},
      {"?back=https://crm.test/x#top", "/api/people?back=https://crm.test/x"},
      {"people?from=a:b", "/api/people?from=a:b"},
      {"/api/a%2Fb?cursor=x%3D%3D&q=[1]", "/api/a%2Fb?cursor=x%3D%3D&q=[1]"},
      {"https://crm.test/api/people?page=2", "/api/people?page=2"},
      {"http://inside:8080?page=2", "/?page=2"},
      {"https://crm.test", "/"},
      {"//evil.test/x", "/x"},
      {"https:people", "/api/people"},
      {" /api/b c\r\nHost: evil.test ", "/api/b%20c%0D%0AHost:%20evil.test"},
  };
  for (const auto& [written, address] : expected) {
    EXPECT_EQ(rest::resolve("/api/people", written), address) << written;
  }
  EXPECT_EQ(rest::resolve("", "people"), "/people");
}

TEST(RestAddress, never_leads_a_key_to_another_host) {
  const auto source = make_rest(
      "secrets: {token: t}\nauth: {scheme: header, value: \"Bearer {secret.token}\"}\n"
      "objects: {people: {request: {path: /people}, records: data, pages: {scheme: next-url, "
      "field: next}}}");
  for (const std::string next :
       {".evil.test/x", ":9301/evil", "@evil.test/x", "evil.test/x", "//evil.test/x",
        "\\\\evil.test/x", "https://evil.test/x", "javascript:x", "?u=https://evil.test/x"}) {
    const std::string written = next.starts_with('\\') ? "\\\\" + next : next;
    ScriptedTransport transport({answer(200, R"({"data":[{"id":1}],"next":")" + written + "\"}"),
                                 answer(200, R"({"data":[{"id":2}]})")});
    ASSERT_TRUE(list_all(*source, "people", transport).has_value()) << next;
    EXPECT_THAT(transport.requests.at(1).url, StartsWith("https://crm.test/")) << next;
  }
}

TEST(RestAddress, that_is_relative_is_followed_from_page_to_page) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /people/1}, records: data, pages: {scheme: next-url, "
      "field: next}}}");
  ScriptedTransport transport({answer(200, R"({"data":[{"id":1}],"next":"more/2"})"),
                               answer(200, R"({"data":[{"id":2}],"next":"3?size=1"})"),
                               answer(200, R"({"data":[{"id":3}],"next":"?size=2"})"),
                               answer(200, R"({"data":[]})")});
  ASSERT_TRUE(list_all(*source, "people", transport).has_value());
  std::vector<std::string> urls;
  for (const auto& request : transport.requests) urls.push_back(request.url);
  EXPECT_THAT(urls,
              ElementsAre("https://crm.test/api/people/1", "https://crm.test/api/people/more/2",
                          "https://crm.test/api/people/more/3?size=1",
                          "https://crm.test/api/people/more/3?size=2"));
}

std::string next_of(std::vector<std::string> headers) {
  std::vector<core::HttpHeader> all = {{"Date", "now"}};
  for (std::string& header : headers) all.push_back({"link", std::move(header)});
  return rest::next_link(all);
}

TEST(RestLink, is_looked_for_in_every_header_and_told_by_its_relations) {
  EXPECT_EQ(next_of({"</p?1>; rel=\"prev\"", "</p?3>; rel=\"next\""}), "/p?3");
  EXPECT_EQ(next_of({"</p?1>; rel=first, </p?3>; rel=next"}), "/p?3");
  EXPECT_EQ(next_of({"</p?3>; rel=\"last NEXT\""}), "/p?3");
  EXPECT_EQ(next_of({"</p?3> ; title=\"a, b; rel=x\" ; REL = \"Next\""}), "/p?3");
  EXPECT_EQ(next_of({"</p?1>; rel=prev; title=\"\\\" rel=next\", </p?3>;rel=next"}), "/p?3");
  EXPECT_EQ(next_of({"</a,b?1>; rel=prev,</a,b?3>; rel=next"}), "/a,b?3");
  // Nothing that is merely alike.
  EXPECT_EQ(next_of({"</p?3>; rel=\"next-archive\""}), "");
  EXPECT_EQ(next_of({"</p?3>; rel=nextpage", "</p?1>; rel=prev; title=\"rel=next\""}), "");
  EXPECT_EQ(next_of({"</p?3>; rel=prev; rel=next"}), "");
  EXPECT_EQ(next_of({"</p?3>; rev=next", "</p?3"}), "");
  EXPECT_EQ(next_of({}), "");
}

TEST(RestLink, of_a_second_header_leads_to_the_next_page) {
  const auto source =
      make_rest("objects: {people: {request: {path: /people}, pages: {scheme: link}}}");
  ScriptedTransport transport(
      {answer(200, R"([{"id":1}])",
              {{"Link", "<?page=1>; rel=\"first\""}, {"Link", "<?page=2>; rel=\"last next\""}}),
       answer(200, R"([{"id":2}])")});
  EXPECT_THAT(ids_of(list_all(*source, "people", transport).value()), ElementsAre("1", "2"));
  EXPECT_EQ(transport.requests.at(1).url, "https://crm.test/api/people?page=2");
}

}  // namespace
}  // namespace assembly_sync::connectors
