// fake_hubspot [--companies N] [--contacts N] [--seed N] | --records N: the local HubSpot as a
// process of its own, for tests that need one; with --records one of N contacts (and N / 10
// companies) that are made up as they are asked for, which obeys nothing but `calls` and `quit`.
// Prints `listening http://127.0.0.1:PORT`, then obeys one command a line on standard input,
// answering one line each, until `quit` or the end of input:
//
//   create OBJECT NAME=VALUE …            -> the new id
//   update OBJECT ID NAME=VALUE …         -> ok | no such record   (NAME= clears)
//   archive OBJECT ID, restore OBJECT ID, erase CONTACT_ID         -> ok
//   merge OBJECT PRIMARY SECONDARY        -> the survivor's id
//   primary CONTACT_ID [COMPANY_ID]       -> ok
//   deal DEAL_ID [COMPANY_ID]             -> ok   (the company it belongs to)
//   search_lag MS                         -> ok   (a change is found by search that much later)
//   owner ID EMAIL FIRST LAST [archived]  -> ok
//   list ID OBJECT_TYPE_ID NAME           -> ok
//   member LIST_ID RECORD_ID yes|no       -> ok
//   expire_tokens                         -> ok   (those of the OAuth endpoint)
//   fault PATH STATUS COUNT               -> ok
//   scope SCOPE grant|revoke              -> ok
//   property OBJECT NAME TYPE FIELD_TYPE [VALUE=Label;VALUE=Label] -> ok
//   archive_property OBJECT NAME          -> ok
//   webhook URL PUBLIC_URL                -> {"method":…,"url":…,"headers":{…},"body":…}
//                                            the signed request with all events since the last one
//   calls                                 -> {"GET /path":count,…}
//
// A word holds no blank; %20 and the like are decoded in values. Errors are answered `error …`.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "daemon/sandbox/sample_crm.hpp"
#include "tests/fakes/generated_hubspot.hpp"

namespace {

using assembly_sync::core::Value;
using assembly_sync::sandbox::SampleCrm;
using Words = std::vector<std::string>;

struct Arguments {
  std::size_t companies = 10;
  std::size_t contacts = 20;
  std::uint64_t seed = 1;
  std::uint64_t records = 0;  // 0 = those of a local HubSpot
};

Arguments parse_arguments(int argc, char** argv) {
  Arguments out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const unsigned long number = std::stoul(argv[i + 1]);
    if (name == "--companies") {
      out.companies = number;
    } else if (name == "--contacts") {
      out.contacts = number;
    } else if (name == "--seed") {
      out.seed = number;
    } else if (name == "--records") {
      out.records = number;
    } else {
      throw std::invalid_argument("unknown option " + name);
    }
  }
  return out;
}

/// The word at that place. Throws when the command is too short.
const std::string& word(const Words& words, std::size_t at) {
  if (at >= words.size()) throw std::invalid_argument("the command is incomplete");
  return words[at];
}

std::string decoded(const std::string& text) {
  const auto value = assembly_sync::core::percent_decode(text);
  if (!value) throw std::invalid_argument("bad escape in a value");
  return *value;
}

Value::Object properties(const Words& words, std::size_t first) {
  Value::Object out;
  for (std::size_t i = first; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (equals == std::string::npos) throw std::invalid_argument("expected NAME=VALUE");
    const std::string value = decoded(words[i].substr(equals + 1));
    out[words[i].substr(0, equals)] = value.empty() ? Value() : Value(value);
  }
  return out;
}

std::string webhook(SampleCrm& crm, const Words& words) {
  const auto request = crm.webhook(crm.take_events(), word(words, 2), word(words, 1));
  Value headers = Value::object();
  for (const auto& header : request.headers) headers.set(header.name, header.value);
  return assembly_sync::core::dump_json(Value::object({{"method", request.method},
                                                       {"url", request.url},
                                                       {"headers", headers},
                                                       {"body", request.body}}));
}

template <class Counts>
std::string as_json(const Counts& counts) {
  Value out = Value::object();
  for (const auto& [call, count] : counts) out.set(call, count);
  return assembly_sync::core::dump_json(out);
}

std::string obey(SampleCrm& crm, const Words& words) {
  const std::string& verb = words.front();
  if (verb == "create") return crm.create(word(words, 1), properties(words, 2));
  if (verb == "update") {
    const bool done = crm.update(word(words, 1), word(words, 2), properties(words, 3));
    return done ? "ok" : "no such record";
  }
  if (verb == "merge") return crm.merge(word(words, 1), word(words, 2), word(words, 3));
  if (verb == "webhook") return webhook(crm, words);
  if (verb == "calls") return as_json(crm.calls());
  if (verb == "archive") {
    crm.archive(word(words, 1), word(words, 2));
  } else if (verb == "restore") {
    crm.restore(word(words, 1), word(words, 2));
  } else if (verb == "erase") {
    crm.erase(word(words, 1));
  } else if (verb == "primary") {
    crm.set_primary_company(word(words, 1),
                            words.size() > 2 ? std::optional(words[2]) : std::nullopt);
  } else if (verb == "deal") {
    crm.set_company_of_deal(word(words, 1),
                            words.size() > 2 ? std::optional(words[2]) : std::nullopt);
  } else if (verb == "search_lag") {
    crm.set_search_lag(std::chrono::milliseconds(std::stoll(word(words, 1))));
  } else if (verb == "owner") {
    crm.add_owner({.id = word(words, 1),
                   .email = word(words, 2),
                   .first_name = word(words, 3),
                   .last_name = word(words, 4),
                   .archived = words.size() > 5});
  } else if (verb == "list") {
    crm.add_list(
        {.id = word(words, 1), .object_type_id = word(words, 2), .name = decoded(word(words, 3))});
  } else if (verb == "member") {
    crm.set_member(word(words, 1), word(words, 2), word(words, 3) == "yes");
  } else if (verb == "expire_tokens") {
    crm.expire_tokens();
  } else if (verb == "fault") {
    crm.add_fault(word(words, 1), std::stoi(word(words, 2)), std::stoi(word(words, 3)));
  } else if (verb == "scope") {
    crm.set_scope(word(words, 1), word(words, 2) == "grant");
  } else if (verb == "property") {
    crm.define_property(word(words, 1), word(words, 2),
                        {.label = word(words, 2),
                         .type = word(words, 3),
                         .field_type = word(words, 4),
                         .options = words.size() > 5 ? decoded(words[5]) : ""});
  } else if (verb == "archive_property") {
    crm.define_property(
        word(words, 1), word(words, 2),
        {.label = word(words, 2), .type = "string", .field_type = "text", .archived = true});
  } else {
    throw std::invalid_argument("unknown command " + verb);
  }
  return "ok";
}

void serve(SampleCrm& crm) {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream in(line);
    Words words;
    for (std::string one; in >> one;) words.push_back(one);
    if (words.empty()) continue;
    if (words.front() == "quit") return;
    try {
      std::cout << obey(crm, words) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error " << error.what() << std::endl;
    }
  }
}

/// All were changed before `now_ms`.
void serve_generated(std::uint64_t records, std::int64_t now_ms) {
  const assembly_sync::fakes::GeneratedHubspot hubspot(
      records, now_ms - static_cast<std::int64_t>(records) - 1);
  std::cout << "listening " << hubspot.url() << std::endl;
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    std::cout << (line == "calls" ? as_json(hubspot.calls())
                                  : "error nothing can be changed here: expected calls or quit")
              << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Arguments arguments = parse_arguments(argc, argv);
    assembly_sync::core::SystemClock clock;
    if (arguments.records > 0) {
      const std::int64_t now = assembly_sync::core::to_ms(clock.wall_now());
      serve_generated(arguments.records, now);
      return EXIT_SUCCESS;
    }
    assembly_sync::sandbox::SampleCrmOptions options;
    options.seed = arguments.seed;
    SampleCrm crm(options, clock);
    crm.populate(arguments.companies, arguments.contacts);
    std::cout << "listening " << crm.url() << std::endl;
    serve(crm);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return EXIT_FAILURE;
  }
}
