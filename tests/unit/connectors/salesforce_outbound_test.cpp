#include <gtest/gtest.h>

#include "connectors/salesforce/outbound.hpp"
#include "tests/unit/connectors/salesforce_support.hpp"

namespace assembly_sync::connectors {
namespace {

using salesforce::parse_outbound;

std::string notification(int number, const std::string& object) {
  return "<Notification><Id>04l0000000000" + std::to_string(number) + "AAA</Id>" + object +
         "</Notification>";
}

std::string contact(const std::string& id) {
  return R"(<sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">)"
         "<sf:Id>" +
         id + "</sf:Id><sf:LastName>&#211; &amp; Co</sf:LastName></sObject>";
}

std::string message(const std::string& notifications,
                    const std::string& organization = "00D000000000062EAA") {
  return R"(<?xml version="1.0" encoding="UTF-8"?>)"
         R"(<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" )"
         R"(xmlns:xsd="http://www.w3.org/2001/XMLSchema" )"
         R"(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>)"
         R"(<notifications xmlns="http://soap.sforce.com/2005/09/outbound">)"
         "<OrganizationId>" +
         organization +
         "</OrganizationId><ActionId>04k000000000001AAA"
         R"(</ActionId><SessionId xsi:nil="true"/><EnterpriseUrl>https://acme.test</EnterpriseUrl>)" +
         notifications + "</notifications></soapenv:Body></soapenv:Envelope>";
}

class SalesforceOutbound : public ::testing::Test {
 protected:
  Verification verify(const std::string& body, const std::string& query = "?token=hook-secret") {
    WebhookRequest request;
    request.method = "POST";
    request.url = "https://sync.test/hooks/salesforce" + query;
    request.body = body;
    return source_->verify(request, test::kSalesforceNow);
  }

  const std::unique_ptr<Connector> source_ = test::make_salesforce_source();
};

TEST_F(SalesforceOutbound, GivesANoticeForEachNotification) {
  const std::string body = message(notification(11, contact("003000000000001")) +
                                   notification(12, contact("003ABCDEFGHIJKLY55")));
  const auto notices = source_->decode({body});
  ASSERT_TRUE(notices) << notices.error().message;
  ASSERT_EQ(notices->size(), 2u);
  EXPECT_EQ(notices->at(0).ref.object.str(), "contacts");
  EXPECT_EQ(notices->at(0).ref.id.str(), "003000000000001AAA");
  EXPECT_EQ(notices->at(1).ref.id.str(), "003ABCDEFGHIJKLY55");
  EXPECT_EQ(notices->at(0).kind, core::NoticeKind::upserted);
  EXPECT_FALSE(notices->at(0).record) << "what was sent is old by the time it is read";
  EXPECT_FALSE(notices->at(0).ignore_reason);
}

TEST_F(SalesforceOutbound, GoesByNamespacesAndNotByPrefixes) {
  std::string body = message(notification(11, contact("003000000000001AAA")));
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"soapenv:", "S:"},
                                 {":soapenv=", ":S="},
                                 {"sf:", "ns2:"},
                                 {":sf=", ":ns2="}}) {
    for (std::size_t at = 0; (at = body.find(from, at)) != std::string::npos; at += to.size()) {
      body.replace(at, from.size(), to);
    }
  }
  const auto notices = source_->decode({body});
  ASSERT_TRUE(notices) << notices.error().message << body;
  EXPECT_EQ(notices->at(0).ref.id.str(), "003000000000001AAA");
  EXPECT_FALSE(
      parse_outbound("<Envelope><Body><notifications><Notification><Id>1</Id>"
                     "</Notification></notifications></Body></Envelope>"));
}

TEST_F(SalesforceOutbound, ReadsCdataAndTextInPieces) {
  const std::string id = "<sf:Id><![CDATA[00300000]]>0000001<!-- -->AAA</sf:Id>";
  const std::string object =
      R"(<sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">)" + id +
      "</sObject>";
  const auto parsed = parse_outbound(message(notification(11, object)));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->notifications.at(0).record, "003000000000001AAA");
}

TEST_F(SalesforceOutbound, TakesANotificationWithoutItsRecord) {
  const std::string objects[] = {
      "", R"(<sObject xsi:nil="true"/>)",
      R"(<sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"/>)",
      R"(<sObject xsi:type="sf:Contact" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">)"
      R"(<sf:Id xsi:nil="true"/></sObject>)"};
  for (const std::string& object : objects) {
    const std::string body = message(notification(11, object));
    const auto notices = source_->decode({body});
    ASSERT_TRUE(notices) << object;
    EXPECT_EQ(notices->at(0).ignore_reason,
              "the message carries no record: it was deleted before it was sent");
    EXPECT_TRUE(verify(body).ok);
  }
}

TEST_F(SalesforceOutbound, IgnoresObjectsThatAreNotItsOwn) {
  const std::string body = message(notification(
      11, R"(<sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">)"
          "<sf:Id>00Q000000000001AAA</sf:Id></sObject>"));
  const auto notices = source_->decode({body});
  ASSERT_TRUE(notices);
  EXPECT_EQ(notices->at(0).ignore_reason, "no object of the source is Salesforce's Lead");
}

TEST_F(SalesforceOutbound, TakesHundredNotificationsAndNoMore) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += notification(10 + i % 90, contact("003000000000001AAA"));
  EXPECT_EQ(source_->decode({message(many)})->size(), 100u);
  EXPECT_FALSE(source_->decode({message(many + notification(10, ""))}));
  EXPECT_FALSE(source_->decode({message("")}));
}

TEST_F(SalesforceOutbound, RefusesWhatIsNoMessage) {
  const std::string good = message(notification(11, contact("003000000000001AAA")));
  const std::string head = R"(<?xml version="1.0"?>)";
  const std::string bodies[] = {
      "",
      "{}",
      "<a/>",
      good.substr(0, good.size() - 5),
      good + "<b/>",
      R"(<!DOCTYPE a [<!ENTITY x "y">]>)" + good.substr(good.find("?>") + 2),
      head + R"(<!-- --> <!DOCTYPE a SYSTEM "file:///etc/passwd">)" +
          good.substr(good.find("?>") + 2),
      std::string("<\0a\0/\0>\0", 8)};
  for (const std::string& body : bodies) {
    const auto parsed = parse_outbound(body);
    ASSERT_FALSE(parsed) << body;
    EXPECT_TRUE(parsed.error().message.starts_with("expected an Outbound Message of Salesforce"));
    EXPECT_EQ(parsed.error().message.find("passwd"), std::string::npos);
  }
  EXPECT_TRUE(parse_outbound(good));
}

TEST_F(SalesforceOutbound, SurvivesDeepNesting) {
  std::string deep = message("");
  std::string open, close;
  for (int i = 0; i < 20'000; ++i) {
    open += "<a>";
    close += "</a>";
  }
  EXPECT_FALSE(parse_outbound(message(notification(11, open + close))));
}

TEST_F(SalesforceOutbound, BelievesTheSecretInTheAddressAndTheOrg) {
  const std::string body = message(notification(11, contact("003000000000001AAA")));
  const Verification good = verify(body);
  EXPECT_TRUE(good.ok) << good.reason;
  EXPECT_EQ(good.delivery, "04l000000000011AAA") << "the same when it is sent again";
  EXPECT_EQ(verify(body, "?token=other").reason, "token does not match");
  EXPECT_EQ(verify(body, "").reason, "no token: the address has no parameter token");
  EXPECT_EQ(verify(message(notification(11, ""), "00D000000000063EAA")).reason,
            "OrganizationId is not the org_id of the configuration");
  EXPECT_FALSE(verify("<a/>").ok);
  EXPECT_TRUE(verify(message(notification(11, ""), "00D000000000062")).ok) << "15 characters";
}

TEST_F(SalesforceOutbound, IsAcknowledgedInItsOwnWords) {
  const Acknowledgement taken = source_->acknowledgement();
  EXPECT_EQ(taken.content_type, "text/xml; charset=utf-8");
  EXPECT_TRUE(taken.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
  EXPECT_NE(taken.body.find("<notificationsResponse "
                            "xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Ack>true</Ack>"
                            "</notificationsResponse>"),
            std::string::npos);
}

}  // namespace
}  // namespace assembly_sync::connectors
