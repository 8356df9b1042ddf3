#include "daemon/config/references.hpp"

#include <algorithm>
#include <string_view>

namespace assembly_sync::config {
namespace {

constexpr std::string_view kForms = "${env:…}, ${file:…} or ${credential:…}";
constexpr std::string_view kOpen = "${";
constexpr const char* kUnclosed = ", got ${ without }";

/// What an environment variable or a credential may be called. Anything else is more likely a
/// secret put between the braces, and so must not be shown.
bool is_name(std::string_view text, std::string_view also) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           also.find(c) != std::string_view::npos;
  });
}

bool is_credential_name(std::string_view text) {
  return is_name(text, ".-@") && text != "." && text != "..";
}

struct Parts {
  std::string kind;
  std::string what;
};

/// Of ${KIND:WHAT}; nothing without a colon.
std::optional<Parts> parts_of(const std::string& reference) {
  const std::string inside = reference.substr(kOpen.size(), reference.size() - kOpen.size() - 1);
  const auto colon = inside.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Parts{inside.substr(0, colon), inside.substr(colon + 1)};
}

bool is_well_formed(const Parts& parts) {
  return (parts.kind == "env" && is_name(parts.what, "")) ||
         (parts.kind == "file" && !parts.what.empty()) ||
         (parts.kind == "credential" && is_credential_name(parts.what));
}

void strip_line_ends(std::string& text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
}

std::string expected_forms() {
  return "expected " + std::string(kForms);
}

}  // namespace

bool is_reference(const std::string& written) {
  if (!written.starts_with(kOpen) || !written.ends_with('}')) return false;
  if (written.find('}') + 1 != written.size()) return false;
  const auto parts = parts_of(written);
  return parts && is_well_formed(*parts);
}

References::References(std::filesystem::path folder, std::filesystem::path credentials,
                       const SecretProvider& provider)
    : folder_(std::move(folder)), credentials_(std::move(credentials)), provider_(provider) {}

core::Result<std::string> References::credential(const std::string& name) const {
  auto found = provider_.credential(name);
  if (found || provider_.environment("CREDENTIALS_DIRECTORY")) return found;
  auto own = provider_.file((credentials_ / name).string());
  return own ? own : found;
}

/// `reference` with its ${ and }.
core::Result<std::string> References::resolve(const std::string& reference) const {
  const auto parts = parts_of(reference);
  if (!parts) return core::fail(expected_forms() + ", got ${…} without a colon");
  const auto& [kind, what] = *parts;
  core::Result<std::string> found = core::fail("");
  if (!is_well_formed(*parts)) {
    if (kind == "env" || kind == "file" || kind == "credential") {
      return core::fail(expected_forms() + ", got ${" + kind + ":…} with a malformed name");
    }
    const std::string near = core::nearest(kind, {"env", "file", "credential"});
    return core::fail(expected_forms() + ", got a reference of another kind" +
                      (near.empty() ? "" : ": did you mean ${" + near + ":…}?"));
  }
  if (kind == "env") {
    const auto value = provider_.environment(what);
    found = value ? core::Result<std::string>(*value)
                  : core::fail("an environment variable that is not set");
  } else if (kind == "file") {
    found = provider_.file((folder_ / what).lexically_normal().string());
  } else {
    found = credential(what);
  }
  if (!found)
    return core::fail("expected a value from " + reference + ", got " + found.error().message);
  strip_line_ends(*found);
  return found;
}

core::Result<core::Secret> References::secret(const std::string& written) const {
  const auto open = written.find(kOpen);
  if (open == std::string::npos) return core::fail(expected_forms() + ", got a literal text");
  const auto close = written.find('}', open);
  if (close == std::string::npos) return core::fail(expected_forms() + kUnclosed);
  if (open != 0 || close + 1 != written.size()) {
    return core::fail(expected_forms() + ", got text beside the reference");
  }
  auto value = resolve(written);
  if (!value) return core::fail(value.error().message);
  core::Secret secret(std::move(*value));
  if (secret.empty()) {
    return core::fail("expected a secret from " + written + ", got an empty text");
  }
  if (secret.reveal().find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    return core::fail("expected a secret of one line from " + written + ", got several lines");
  }
  return secret;
}

core::Result<References::Text> References::text(const std::string& written) const {
  Text out;
  std::size_t from = 0;
  while (true) {
    const auto open = written.find(kOpen, from);
    out.value += written.substr(from, open == std::string::npos ? open : open - from);
    if (open == std::string::npos) return out;
    const auto close = written.find('}', open);
    if (close == std::string::npos) return core::fail(expected_forms() + kUnclosed);
    const auto value = resolve(written.substr(open, close + 1 - open));
    if (!value) return core::fail(value.error().message);
    out.value += *value;
    out.referenced = true;
    from = close + 1;
  }
}

}  // namespace assembly_sync::config
