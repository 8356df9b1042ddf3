#include "mapping/domains.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include <idn2.h>
#include <libpsl.h>

#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

constexpr std::size_t kHostBytes = 253;
constexpr std::size_t kLabelBytes = 63;
constexpr std::size_t kLocalPartBytes = 64;

/// Sorted, for the binary search.
constexpr std::array<std::string_view, 46> kFreeMail = {
    "126.com",        "163.com",        "aol.com",       "bluewin.ch",   "btinternet.com",
    "comcast.net",    "fastmail.com",   "free.fr",       "freenet.de",   "gmail.com",
    "gmx.at",         "gmx.ch",         "gmx.com",       "gmx.de",       "gmx.net",
    "googlemail.com", "hey.com",        "hotmail.co.uk", "hotmail.com",  "hotmail.fr",
    "icloud.com",     "laposte.net",    "libero.it",     "live.com",     "mac.com",
    "mail.com",       "mail.ru",        "me.com",        "msn.com",      "orange.fr",
    "outlook.com",    "outlook.de",     "pm.me",         "proton.me",    "protonmail.com",
    "qq.com",         "rocketmail.com", "t-online.de",   "tutanota.com", "web.de",
    "yahoo.co.uk",    "yahoo.com",      "yahoo.fr",      "yandex.ru",    "ymail.com",
    "zoho.com"};
static_assert(std::is_sorted(kFreeMail.begin(), kFreeMail.end()));

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_label_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytes && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), is_label_character);
}

/// The host of a URL, of an address, or the text itself.
std::string_view host_of(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    text.remove_prefix(scheme + 3);
  } else if (text.starts_with("//")) {
    text.remove_prefix(2);
  }
  text = text.substr(0, text.find_first_of("/?#\\"));
  if (const auto at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  if (text.starts_with('[')) return {};  // an IPv6 address
  text = text.substr(0, text.find(':'));
  while (text.ends_with('.')) text.remove_suffix(1);
  return text;
}

/// IDNA ASCII in small letters; nothing when it is no host name.
std::optional<std::string> ascii_host(std::string_view host) {
  if (is_ascii(host)) return lower(host);
  char* converted = nullptr;
  const int status = idn2_to_ascii_8z(std::string(host).c_str(), &converted,
                                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owner(converted, idn2_free);
  if (status != IDN2_OK) return std::nullopt;
  return std::string(converted);
}

}  // namespace

bool is_domain(std::string_view text) {
  if (text.size() > kHostBytes || text.find('.') == std::string_view::npos) return false;
  std::string_view label;
  for (std::string_view rest = text;;) {
    const std::size_t dot = rest.find('.');
    label = rest.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return !std::all_of(label.begin(), label.end(), is_digit);  // 10.0.0.1 is an address
}

std::optional<std::string_view> email_host(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > kLocalPartBytes) return std::nullopt;
  const std::string_view local = text.substr(0, at);
  const bool odd = std::any_of(local.begin(), local.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '@' || c == ',' || c == ';' || c == '<' ||
           c == '>' || c == '\x7f';
  });
  if (odd || !is_domain(text.substr(at + 1))) return std::nullopt;
  return text.substr(at + 1);
}

bool is_email(std::string_view text) {
  return email_host(text).has_value();
}

std::optional<std::string> registrable_domain(std::string_view text) {
  const std::string_view host = host_of(trim(text));
  if (host.empty() || host.size() > kHostBytes) return std::nullopt;
  const auto ascii = ascii_host(host);
  if (!ascii || !is_domain(*ascii)) return std::nullopt;
  const char* const found = psl_registrable_domain(psl_builtin(), ascii->c_str());
  if (found == nullptr) return std::nullopt;
  return std::string(found);
}

bool is_free_mail_domain(std::string_view registrable) {
  return std::binary_search(kFreeMail.begin(), kFreeMail.end(), registrable);
}

}  // namespace assembly_sync::mapping
