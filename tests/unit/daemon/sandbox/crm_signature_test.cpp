#include "daemon/sandbox/crm_signature.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::sandbox {
namespace {

constexpr const char* kSecret = "00000000-1111-2222-3333-444444444444";
constexpr const char* kTimestamp = "1767225600500";
constexpr const char* kUri = "https://sync.example.test/hooks/hubspot";
constexpr const char* kBody =
    R"([{"eventId":1001,"subscriptionId":2002,"portalId":3003,"appId":4004,)"
    R"("occurredAt":1767225600000,"subscriptionType":"company.propertyChange","attemptNumber":0,)"
    R"("objectId":5005,"propertyName":"name","propertyValue":"Acme","changeSource":"CRM_UI",)"
    R"("sourceId":"userId:7"}])";

// The expected values were computed with HubSpot's own client and with Python's hmac.
TEST(CrmSignature, V1IsAPlainHashOfSecretAndBody) {
  EXPECT_EQ(crm_signature_v1(kSecret, kBody),
            "12c9e8487b3e8401e92490c06d85e52abb48d1d06b153d54d32a99416d8e1e97");
}

TEST(CrmSignature, V3CoversMethodUriBodyAndTimestamp) {
  EXPECT_EQ(crm_signature_v3(kSecret, "POST", kUri, kBody, kTimestamp),
            "N09pDc24sUVWJ8iD0xsLfNwmji++hISEQUXNMEjdWM0=");
  EXPECT_EQ(crm_signature_v3(kSecret, "GET", kUri, "", kTimestamp),
            "RePXTwXY+xL9W54BvNfie37OgeYHyiQElOp/18W2nAI=");
}

TEST(CrmSignature, V3DecodesOnlyTheNamedEscapesOfTheUri) {
  EXPECT_EQ(
      crm_signature_v3(
          kSecret, "POST",
          "https://sync.example.test/hooks/hubspot?src=crm%3Aeu%2Fwest&name=a%20b&mail=x%40y.test",
          kBody, kTimestamp),
      "RBbo/loaNdcNZoRHw6RCffvUzoEwNvNBF+taXz7wqms=");
  EXPECT_EQ(crm_signature_v3(kSecret, "POST",
                             "https://sync.example.test/h?q=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B&"
                             "keep=%20%26%3D%2B%25%23%C5%BC%253A",
                             "[]", kTimestamp),
            "DS/ge8ghs6tTG+5VizLhnLPeKb9QzI/LNgVklB24L3s=");
}

}  // namespace
}  // namespace assembly_sync::sandbox
