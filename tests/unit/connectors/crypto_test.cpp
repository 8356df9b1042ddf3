#include "connectors/crypto.hpp"

#include <gtest/gtest.h>

namespace assembly_sync::connectors {
namespace {

TEST(Crypto, hex_is_read_in_either_case_and_only_whole) {
  EXPECT_EQ(from_hex("00ffAbaB"), std::string("\x00\xFF\xAB\xAB", 4));
  EXPECT_EQ(from_hex(""), "");
  EXPECT_EQ(to_hex(std::string("\x00\xFF\xAB", 3)), "00ffab");
  for (const char* bad : {"0", "0g", "0x10", " 00", "00 "}) EXPECT_FALSE(from_hex(bad)) << bad;
}

// RFC 4648 section 10
TEST(Crypto, base64_has_one_spelling_for_each_value) {
  const std::pair<std::string, std::string> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : rows) {
    EXPECT_EQ(to_base64(plain), text);
    EXPECT_EQ(from_base64(text), plain) << text;
  }
  EXPECT_EQ(from_base64("+/+/"), std::string("\xFB\xFF\xBF", 3));
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm9v Zm9v",
                          "-_-_", "=", "====", "Zg==Zg==", "Z===", "Zm\xC3\xA4"}) {
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
}

// RFC 4231 case 2, RFC 2202 case 2, FIPS 180 "abc"
TEST(Crypto, digests_are_those_of_the_standards) {
  const auto mac = [](HashAlgorithm algorithm) {
    return to_hex(hmac(algorithm, "Jefe", "what do ya want for nothing?"));
  };
  EXPECT_EQ(mac(HashAlgorithm::sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(mac(HashAlgorithm::sha256),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac(HashAlgorithm::sha512),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 8032 section 7.1, test 2
TEST(Crypto, ed25519_accepts_the_signature_and_nothing_near_it) {
  const std::string key =
      *from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const std::string signature = *from_hex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(is_ed25519_signature(key, "\x72", signature));
  EXPECT_FALSE(is_ed25519_signature(key, "\x73", signature));
  EXPECT_FALSE(is_ed25519_signature(key, "", signature));
  EXPECT_FALSE(is_ed25519_signature(key.substr(1), "\x72", signature));
  EXPECT_FALSE(is_ed25519_signature(key, "\x72", signature.substr(1)));
  EXPECT_FALSE(is_ed25519_signature(std::string(kEd25519KeyBytes, '\0'), "\x72", signature));
}

}  // namespace
}  // namespace assembly_sync::connectors
