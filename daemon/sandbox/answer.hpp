// What an operation of the local Assembly ends in: an answer with its status, or a refusal whose
// shape is a switch (E3, I12). Value types.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "core/value.hpp"

namespace assembly_sync::sandbox {

struct Answer {
  int status = 200;
  core::Value body;
};

struct Refusal {
  int status = 400;
  std::string message;
};

using Outcome = tl::expected<Answer, Refusal>;

inline tl::unexpected<Refusal> refuse(int status, std::string message) {
  return tl::unexpected<Refusal>(Refusal{status, std::move(message)});
}

/// `{"id":"…"}`, what most writes answer; with status 204 nothing (I11).
inline Answer id_answer(int status, const std::string& id) {
  return {status, status == 204 ? core::Value() : core::Value::object({{"id", id}})};
}

/// `{}`, what deletes answer; with status 204 nothing (I11).
inline Answer empty_answer(int status = 200) {
  return {status, status == 204 ? core::Value() : core::Value::object()};
}

}  // namespace assembly_sync::sandbox
