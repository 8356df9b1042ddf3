// What the tests of SQL sources have in common: one server for all of them, and connectors made
// from settings as the configuration would give them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "tests/e2e/sql/postgres.hpp"

namespace assembly_sync::test {

/// Nothing may be sent over HTTP.
class NoTransport final : public core::HttpTransport {
 public:
  tl::expected<core::HttpResponse, core::HttpFailure> send(const core::HttpRequest&) override {
    return tl::unexpected(core::HttpFailure{false, "no HTTP here", false});
  }
};

using Texts = std::map<std::string, std::string>;

class Sql : public testing::Test {
 protected:
  static Postgres& server();

  /// `object`: query, id, updated, deleted, page. `more`: further keys of the source.
  static std::unique_ptr<connectors::Connector> source(const Texts& object, Texts more = {},
                                                       const std::string& password = "");
  static connectors::ReadResult<connectors::Page> page(
      const connectors::Connector& source, const std::optional<std::string>& cursor = {}) {
    NoTransport transport;
    return source.list(kRows, cursor, {}, transport, {});
  }

  static inline const core::ObjectName kRows{"rows"};
};

}  // namespace assembly_sync::test
