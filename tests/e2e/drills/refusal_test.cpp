// A certificate that has expired, a token that was revoked: nothing is sent or read, no attempt is
// burnt, and it goes on when the cause is mended.
#include <gmock/gmock.h>

#include "tests/e2e/drills/drill.hpp"
#include "tests/e2e/drills/tls_gate.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;

std::uint16_t port_of(const std::string& url) {
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

TEST(RefusalDrill, AnExpiredCertificateIsNotTrustedAndSendingGoesOnWhenItIsRenewed) {
  const TempDir folder;
  World world({.labels = false,
               .rate_per_second = 200,
               .variables = {{"SSL_CERT_FILE", (folder / "trusted.pem").string()}}});
  TlsGate gate(port_of(world.assembly().url()));
  gate.write_certificates(folder / "trusted.pem");
  edit_config(world, "${env:ASSEMBLY_URL}", gate.url());
  world.crm().populate(3, 6);
  gate.set_expired(true);
  world.start();
  ASSERT_EQ(post(world, touch_all(world, "MEDIA")).status, 200);
  ASSERT_TRUE(wait_until([&] {
    return world.daemon().log().find("certificate has expired") != std::string::npos;
  })) << world.daemon().log();
  // The labels are asked for before anything is planned: the first refusal may come before the
  // first change.
  ASSERT_TRUE(wait_until([&] { return world.status().at("outbox").at("pending").as_int() > 0; }))
      << world.admin("/");
  show(world, "Assembly's certificate has expired");
  show_log(world, "certificate has expired");
  EXPECT_EQ(world.assembly().stats().requests, 0U) << "it trusted an expired certificate";

  gate.set_expired(false);
  ASSERT_TRUE(world.wait_settled(180s)) << world.admin("/");
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.status().at("dead"), Value(0));
}

TEST(RefusalDrill, ARevokedTokenOfTheCrmStopsReadingAndANewOneIsTakenAtAReload) {
  World world({.labels = false, .poll_seconds = 0, .rate_per_second = 200});
  edit_config(world, "${env:HUBSPOT_TOKEN}", "${file:token}");
  write_file(world.file("token"), kAccessToken);
  world.crm().populate(5, 10);
  world.start();
  ASSERT_EQ(post(world, touch_all(world, "BEFORE")).status, 200);
  ASSERT_TRUE(world.wait_settled());

  world.crm().set_access_token("another-token-4be1");
  ASSERT_EQ(post(world, touch_all(world, "DURING")).status, 200) << "webhooks need no token";
  const auto source = [&] { return world.status().at("sources").at("hubspot"); };
  ASSERT_TRUE(wait_until([&] { return source().at("refused") == Value(true); }));
  show(world, "the CRM refuses the token");
  show_log(world, "event=read_postponed");
  EXPECT_THAT(world.admin("/"), HasSubstr("PROBLEM"));
  EXPECT_EQ(get(world, "/freshz").status, 503);
  EXPECT_THAT(world.admin("/metrics"),
              HasSubstr("assembly_sync_source_refused{source=\"hubspot\"} 1\n"));
  EXPECT_EQ(world.status().at("dead"), Value(0));
  EXPECT_GT(world.notices("open"), 0);

  write_file(world.file("token"), "another-token-4be1");
  const Finished reloaded = world.run({"reload"});
  EXPECT_EQ(reloaded.code, 0) << reloaded.err;
  ASSERT_TRUE(world.wait_settled(120s)) << world.admin("/");
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.status().at("dead"), Value(0));
  EXPECT_EQ(source().at("refused"), Value(false));
  EXPECT_EQ(world.admin("/freshz"), "ok\n");
}

}  // namespace
}  // namespace assembly_sync::test
