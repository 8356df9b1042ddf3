// What an operation of the local Assembly ends in: an answer with its status, or a refusal that
// becomes {"error":"…"} (E3, I12). Value types.
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

/// `{"id":"…"}`, what most writes answer.
inline Answer id_answer(int status, const std::string& id) {
  return {status, core::Value::object({{"id", id}})};
}

/// `{}`, what deletes answer.
inline Answer empty_answer() {
  return {200, core::Value::object()};
}

}  // namespace assembly_sync::sandbox
