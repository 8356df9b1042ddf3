// Domains and e-mail addresses: what identifies a company and a person in Assembly (A16, A17, A67).
// The public suffix list is the one built into libpsl: no file, no network. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assembly_sync::mapping {

/// Has the form of a domain: at least two labels of ASCII letters, digits and -, no IP address.
bool is_domain(std::string_view text);
/// Has the form of name@domain.
bool is_email(std::string_view text);

/// The registrable domain of a URL, host or e-mail address, in small ASCII letters (IDNA 2008):
/// `https://www.Acme.co.uk/x` gives `acme.co.uk`. Nothing for an IP address, a bare public suffix
/// or what is no host at all.
std::optional<std::string> registrable_domain(std::string_view text);

/// The part of an address behind its @, as it is; nothing when it is no address.
std::optional<std::string_view> email_host(std::string_view text);

/// True for the domains of the large mailbox providers, which say nothing about a company.
bool is_free_mail_domain(std::string_view registrable);

}  // namespace assembly_sync::mapping
