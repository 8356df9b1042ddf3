// Result<T>: the value, or an Error whose text may be shown to an operator. Used where a caller
// must branch; a broken world (disk failure, logic error) throws instead. Error texts say where,
// what was expected and what was found, and never hold a secret or a record value (I11).
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace assembly_sync::core {

struct Error {
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace assembly_sync::core
