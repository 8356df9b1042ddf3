#include "daemon/sandbox/crm_samples.hpp"

#include <cstdio>
#include <iterator>
#include <string_view>

namespace assembly_sync::sandbox {
namespace {

constexpr std::string_view kFirstWords[] = {
    "Amber",  "Birch",   "Cobalt",  "Delta",   "Ember",  "Fjord",  "Granite", "Harbor",
    "Indigo", "Juniper", "Kestrel", "Lantern", "Meadow", "Nordic", "Orchard", "Pioneer",
    "Quartz", "River",   "Summit",  "Timber",  "Union",  "Velvet", "Willow",  "Zenith",
    "Alpine", "Beacon",  "Copper",  "Drift",   "Eagle",  "Falcon", "Garnet",  "Hollow"};
constexpr std::string_view kSecondWords[] = {
    "Field", "Bridge", "Stone", "Gate",   "Works", "Hill", "Leaf",  "Point",
    "Ridge", "Spring", "Tower", "Valley", "Wharf", "Yard", "Creek", "Forge",
    "Grove", "Haven",  "Mill",  "North",  "Park",  "Quay", "Reach", "Shore"};
constexpr std::string_view kThirdWords[] = {
    "Labs",  "Systems",  "Foods",    "Logistics", "Media",    "Energy",    "Finance", "Software",
    "Group", "Partners", "Robotics", "Health",    "Textiles", "Analytics", "Design",  "Networks"};
constexpr std::string_view kIndustries[] = {"COMPUTER_SOFTWARE", "FINANCIAL_SERVICES",
                                            "FOOD_PRODUCTION",   "LOGISTICS_AND_SUPPLY_CHAIN",
                                            "MEDIA_PRODUCTION",  "RENEWABLES"};
struct Place {
  std::string_view city;
  std::string_view country;
};
constexpr Place kPlaces[] = {{"Uppsala", "Sweden"},  {"Porto", "Portugal"},
                             {"Ghent", "Belgium"},   {"Leipzig", "Germany"},
                             {"Toulouse", "France"}, {"Cork", "Ireland"},
                             {"Calgary", "Canada"},  {"Denver", "United States"},
                             {"Kraków", "Poland"},   {"Osaka", "Japan"}};
constexpr std::string_view kTiers[] = {"gold", "silver", "bronze"};
constexpr std::string_view kSegments[] = {"enterprise", "startup", "public", "export"};
constexpr std::string_view kGivenNames[] = {
    "Ada",  "Bruno", "Clara", "Dmitri", "Elif",  "Farid", "Greta", "Hugo",   "Ines", "Jonas",
    "Kira", "Liam",  "Mina",  "Noor",   "Oscar", "Priya", "Quinn", "Rosa",   "Sven", "Tomas",
    "Uma",  "Vera",  "Wanda", "Xenia",  "Yusuf", "Zofia", "Aiko",  "Bastien"};
constexpr std::string_view kFamilyNames[] = {
    "Andersen", "Baker",  "Castro",   "Duarte",   "Eriksen", "Fischer",  "Grant",  "Haddad",
    "Ivanova",  "Jensen", "Kowalski", "Lindgren", "Moreau",  "Nakamura", "Okafor", "Petrov",
    "Rossi",    "Silva",  "Tanaka",   "Ueda",     "Varga",   "Weber",    "Yilmaz", "Zhang"};
constexpr std::string_view kTitles[] = {"Head of Operations", "Customer Success Manager",
                                        "IT Administrator",   "Finance Director",
                                        "Product Manager",    "Support Engineer"};

template <class List>
auto pick(const List& list, core::Random& random) {
  return list[random.next() % std::size(list)];
}

std::uint64_t between(std::uint64_t low, std::uint64_t high, core::Random& random) {
  return low + random.next() % (high - low + 1);
}

/// Distinct for every number below 32 x 24 x 16, in a mixed order.
std::string company_name(std::size_t number) {
  constexpr std::size_t kNames =
      std::size(kFirstWords) * std::size(kSecondWords) * std::size(kThirdWords);
  constexpr std::size_t kStride = 7919;  // prime, so coprime to kNames
  static_assert(kNames % kStride != 0);
  std::size_t mixed = number * kStride % kNames;
  std::string name(kFirstWords[mixed % std::size(kFirstWords)]);
  mixed /= std::size(kFirstWords);
  name += " " + std::string(kSecondWords[mixed % std::size(kSecondWords)]);
  mixed /= std::size(kSecondWords);
  name += " " + std::string(kThirdWords[mixed]);
  if (number >= kNames) name += " " + std::to_string(number / kNames + 1);
  return name;
}

std::string slug(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

std::string phone(core::Random& random) {
  return "+1-555-01" + std::to_string(between(10, 99, random));  // the range kept for fiction
}

std::string renewal_date(core::Random& random) {
  char text[40];
  std::snprintf(text, sizeof text, "2027-%02u-%02u", static_cast<unsigned>(between(1, 12, random)),
                static_cast<unsigned>(between(1, 28, random)));
  return text;
}

std::string lifecycle(core::Random& random) {
  const std::uint64_t roll = random.next() % 10;
  return roll < 8 ? "customer" : (roll == 8 ? "lead" : "opportunity");
}

std::string segments(core::Random& random) {
  const std::uint64_t first = random.next() % std::size(kSegments);
  std::string out(kSegments[first]);
  if (random.next() % 2 == 0) {
    out += ";" + std::string(kSegments[(first + 1) % std::size(kSegments)]);
  }
  return out;
}

}  // namespace

core::Value::Object sample_company(std::size_t number, core::Random& random) {
  const std::string name = company_name(number);
  const std::string domain = slug(name) + (random.next() % 2 == 0 ? ".test" : ".example");
  const Place place = pick(kPlaces, random);
  core::Value::Object out;
  out["name"] = name;
  out["domain"] = domain;
  out["website"] = "https://www." + domain;
  out["industry"] = pick(kIndustries, random);
  out["annualrevenue"] = std::to_string(between(50, 90'000, random) * 1000);
  out["numberofemployees"] = std::to_string(between(3, 4000, random));
  out["lifecyclestage"] = lifecycle(random);
  out["phone"] = phone(random);
  out["city"] = place.city;
  out["country"] = place.country;
  out["tier"] = pick(kTiers, random);
  out["segments"] = segments(random);
  out["num_seats"] = std::to_string(between(1, 500, random));
  out["renewal_date"] = renewal_date(random);
  return out;
}

core::Value::Object sample_contact(std::size_t number, const SampleCompanyRef& company,
                                   core::Random& random) {
  const std::string first(pick(kGivenNames, random));
  const std::string last(pick(kFamilyNames, random));
  core::Value::Object out;
  out["firstname"] = first;
  out["lastname"] = last;
  out["email"] = slug(first) + "." + slug(last) + std::to_string(number + 1) + "@" + company.domain;
  out["jobtitle"] = pick(kTitles, random);
  out["phone"] = phone(random);
  out["company"] = company.name;
  out["lifecyclestage"] = lifecycle(random);
  out["associatedcompanyid"] = company.id;
  return out;
}

}  // namespace assembly_sync::sandbox
