// Invented companies and people for the local HubSpot: plausible names, reserved domains only
// (.test, .example), unique domains and e-mail addresses. Deterministic.
#pragma once

#include <cstdint>
#include <string>

#include "core/random.hpp"
#include "core/value.hpp"

namespace assembly_sync::sandbox {

/// The properties of the company with that number (from 0).
core::Value::Object sample_company(std::size_t number, core::Random& random);

struct SampleCompanyRef {
  std::string id;
  std::string name;
  std::string domain;
};
/// The properties of the contact with that number (from 0), who works at `company`.
core::Value::Object sample_contact(std::size_t number, const SampleCompanyRef& company,
                                   core::Random& random);

}  // namespace assembly_sync::sandbox
