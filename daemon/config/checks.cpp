#include "daemon/config/checks.hpp"

#include <algorithm>
#include <charconv>

#include <Poco/Exception.h>
#include <Poco/URI.h>
#include <Poco/UTF8Encoding.h>
#include <arpa/inet.h>

namespace assembly_sync::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

/// An address that never leaves this machine. Names other than localhost are not looked up: what
/// they mean may change after the check.
bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6) != 0;
  return host == "localhost";
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    in6_addr v6{};
    return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &v6) == 1;
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || c == '.' || c == '-';
  });
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

core::Result<std::string> checked_url(const std::string& text) {
  Poco::URI url;
  try {
    url = Poco::URI(text);
  } catch (const Poco::Exception&) {
    return core::fail("a text that is no address");
  }
  if (text.find_first_of(" \t\r\n\\") != std::string::npos) {
    return core::fail("a text that is no address");
  }
  const std::string scheme = url.getScheme();
  if (scheme.empty() || text.find("://") == std::string::npos) {
    return core::fail("an address that does not start with https://");
  }
  if (scheme != "https" && scheme != "http") return core::fail("an address of another scheme");
  if (url.getHost().empty()) return core::fail("an address without a host");
  if (!url.getUserInfo().empty() || text.find('@') != std::string::npos) {
    return core::fail("an address with a user or password in it");
  }
  if (text.find_first_of("?#") != std::string::npos) {
    return core::fail("an address with a query or fragment");
  }
  if (scheme == "http" && !is_loopback(lower(url.getHost()))) {
    return core::fail("http to another machine: a key must not travel unencrypted");
  }
  return text.substr(0, text.find_last_not_of('/') + 1);
}

bool is_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_host(text.substr(0, colon))) return false;
  const std::string_view digits = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size() && port <= 65'535;
}

bool is_color(std::string_view text) {
  return text.size() == 7 && text[0] == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

bool is_source_name(std::string_view text) {
  return !text.empty() && is_lower(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-';
  });
}

bool is_object_name(std::string_view text) {
  std::string folded(text);
  return is_source_name(lower(std::move(folded)));
}

bool is_field(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

Place first_invalid_utf8(std::string_view text) {
  Place place{1, 1};
  std::size_t at = 0;
  while (at < text.size()) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data() + at);
    std::size_t length = 1;
    if (bytes[0] >= 0x80) {
      const int left = static_cast<int>(std::min<std::size_t>(4, text.size() - at));
      const int wanted = bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : 2;
      if (wanted > left || !Poco::UTF8Encoding::isLegal(bytes, wanted)) return place;
      length = static_cast<std::size_t>(wanted);
    }
    place.line += bytes[0] == '\n' ? 1 : 0;
    place.column = bytes[0] == '\n' ? 1 : place.column + 1;
    at += length;
  }
  return {};
}

}  // namespace assembly_sync::config
