#include "connectors/webhook/token_schemes.hpp"

#include <algorithm>
#include <optional>

#include "connectors/crypto.hpp"
#include "connectors/webhook/field.hpp"
#include "core/http.hpp"
#include "core/json_view.hpp"
#include "core/text.hpp"

namespace assembly_sync::connectors::webhook {
namespace {

Verification compare(const std::vector<core::Secret>& secrets, std::string_view sent) {
  const bool known = std::any_of(secrets.begin(), secrets.end(), [&](const core::Secret& secret) {
    return core::equal_constant_time(secret.reveal(), sent);
  });
  return known ? accepted() : refused("token does not match");
}

class HeaderToken final : public Verifier {
 public:
  HeaderToken(std::string header, std::string scheme, std::vector<core::Secret> secrets)
      : header_(std::move(header)), scheme_(std::move(scheme)), secrets_(std::move(secrets)) {}

  bool is_credential(std::string_view header) const override {
    return core::equal_ignoring_case(header, header_);
  }

  Verification verify(const WebhookRequest& request, core::WallTime) const override {
    auto sent = core::find_header(request.headers, header_);
    if (!sent) return refused("no token: " + header_ + " is missing");
    if (!scheme_.empty()) {
      const std::size_t blank = std::min(sent->find(' '), sent->size());
      if (!core::equal_ignoring_case(sent->substr(0, blank), scheme_)) {
        return refused("no token: " + header_ + " is not " + scheme_);
      }
      sent->remove_prefix(std::min(sent->find_first_not_of(' ', blank), sent->size()));
    }
    return compare(secrets_, *sent);
  }

 private:
  const std::string header_;
  const std::string scheme_;
  const std::vector<core::Secret> secrets_;
};

class BodyToken final : public Verifier {
 public:
  BodyToken(const std::string& field, std::vector<core::Secret> secrets)
      : field_(field), secrets_(std::move(secrets)) {}

  Verification verify(const WebhookRequest& request, core::WallTime) const override {
    core::JsonDocument document;
    const auto root = document.parse(request.body);
    if (!root) return refused("no token: the body is no JSON");
    const auto sent = field_.find(*root);
    if (!sent || sent->kind() != core::JsonKind::text) {
      return refused("no token: the body has no text at " + field_.text());
    }
    return compare(secrets_, sent->as_text());
  }

 private:
  const Field field_;
  const std::vector<core::Secret> secrets_;
};

class QueryToken final : public Verifier {
 public:
  QueryToken(std::string parameter, std::vector<core::Secret> secrets)
      : parameter_(std::move(parameter)), secrets_(std::move(secrets)) {}

  Verification verify(const WebhookRequest& request, core::WallTime) const override {
    std::string_view rest = request.url;
    rest.remove_prefix(std::min(rest.find('?'), rest.size()));
    while (!rest.empty()) {
      rest.remove_prefix(1);  // ? or &
      const std::size_t end = std::min(rest.find('&'), rest.size());
      const std::string_view pair = rest.substr(0, end);
      rest.remove_prefix(end);
      const std::size_t equals = std::min(pair.find('='), pair.size());
      if (core::percent_decode(pair.substr(0, equals), true) != parameter_) continue;
      const auto sent = core::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
      return compare(secrets_, sent.value_or(""));
    }
    return refused("no token: the address has no parameter " + parameter_);
  }

 private:
  const std::string parameter_;
  const std::vector<core::Secret> secrets_;
};

class Unverified final : public Verifier {
 public:
  Verification verify(const WebhookRequest&, core::WallTime) const override { return accepted(); }
};

}  // namespace

std::unique_ptr<Verifier> make_header_token(std::string header, std::string scheme,
                                            std::vector<core::Secret> secrets) {
  return std::make_unique<HeaderToken>(std::move(header), std::move(scheme), std::move(secrets));
}

std::unique_ptr<Verifier> make_basic(const std::vector<core::Secret>& secrets,
                                     std::vector<SettingProblem>& problems) {
  std::vector<core::Secret> credentials;
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    const std::string_view text = secrets[i].reveal();
    if (text.find(':') == std::string_view::npos) {
      problems.push_back(secret_problem(i, "user:password"));
    }
    credentials.emplace_back(to_base64(text));
  }
  return make_header_token("Authorization", "Basic", std::move(credentials));
}

std::unique_ptr<Verifier> make_body_token(const std::string& field,
                                          std::vector<core::Secret> secrets) {
  return std::make_unique<BodyToken>(field, std::move(secrets));
}

std::unique_ptr<Verifier> make_query_token(std::string parameter,
                                           std::vector<core::Secret> secrets) {
  return std::make_unique<QueryToken>(std::move(parameter), std::move(secrets));
}

std::unique_ptr<Verifier> make_unverified() {
  return std::make_unique<Unverified>();
}

}  // namespace assembly_sync::connectors::webhook
