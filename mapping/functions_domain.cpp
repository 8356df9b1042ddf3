// Functions of domains and e-mail addresses.
#include "mapping/domains.hpp"
#include "mapping/evaluator.hpp"
#include "mapping/functions.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

Datum domain_of(Call& call) {
  const auto domain = registrable_domain(call.text(0));
  return domain ? call.keep(*domain) : Datum();
}

Datum email_domain(Call& call) {
  const auto host = email_host(trim(call.text(0)));
  return host ? call.keep(lower(*host)) : Datum();
}

Datum is_email_of(Call& call) {
  return Datum(is_email(call.text(0)));
}

Datum is_free_mail(Call& call) {
  const auto domain = registrable_domain(call.text(0));
  return Datum(domain && is_free_mail_domain(*domain));
}

}  // namespace

std::vector<Function> domain_functions() {
  constexpr Subject kSubject = Subject::domain;
  return {
      {"domain_of",
       kSubject,
       {{"url_host_or_email", kText}},
       kText,
       "The domain under which a URL, host or e-mail address was registered, in small ASCII "
       "letters (by the public suffix list). Null for an IP address, a bare suffix or other text.",
       {{"domain_of(a)", R"({"a": "https://www.Acme.co.uk/about"})", R"("acme.co.uk")"},
        {"domain_of(a)", R"({"a": "ada@mail.acme.test"})", R"("acme.test")"},
        {"domain_of(a)", R"({"a": "www.münchen.de"})", R"("xn--mnchen-3ya.de")"},
        {"domain_of(a)", R"({"a": "http://10.0.0.1/"})", "null"}},
       domain_of},
      {"email_domain",
       kSubject,
       {{"email", kText}},
       kText,
       "What stands behind the @, in small letters; null when the text is no e-mail address.",
       {{"email_domain(a)", R"({"a": "Ada@Mail.Acme.test"})", R"("mail.acme.test")"},
        {"email_domain(a)", R"({"a": "acme.test"})", "null"}},
       email_domain},
      {"is_email",
       kSubject,
       {{"text", kText}},
       kBool,
       "True when the text has the form name@company.com.",
       {{"is_email(a)", R"({"a": "ada@acme.test"})", "true"},
        {"is_email(a)", R"({"a": "ada at acme"})", "false"}},
       is_email_of},
      {"is_free_mail",
       kSubject,
       {{"email_or_domain", kText}},
       kBool,
       "True for addresses and domains of large mailbox providers (gmail.com, outlook.com, gmx.de "
       "…), which say nothing about the company.",
       {{"is_free_mail(a)", R"({"a": "ada@gmail.com"})", "true"},
        {"if(not is_free_mail(a), domain_of(a))", R"({"a": "ada@acme.test"})", R"("acme.test")"}},
       is_free_mail},
  };
}

}  // namespace assembly_sync::mapping
