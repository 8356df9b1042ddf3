#include "tests/e2e/sql/sql_world.hpp"

namespace assembly_sync::test {

Postgres& Sql::server() {
  static Postgres server;
  return server;
}

std::unique_ptr<connectors::Connector> Sql::source(const Texts& object, Texts more,
                                                   const std::string& password) {
  connectors::SourceSettings settings;
  settings.name = core::SourceName("db");
  settings.texts = {{"host", server().folder()}, {"database", "postgres"}, {"user", "postgres"}};
  for (auto& [key, value] : more) settings.texts[key] = value;
  if (!password.empty()) settings.secrets = {{"password", core::Secret(password)}};
  connectors::ObjectSettings rows;
  rows.name = kRows;
  rows.texts = object;
  const auto text = [&](const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? std::string() : found->second;
  };
  rows.id = text("id");
  rows.updated = text("updated");
  settings.objects = {rows};
  return connectors::find_type("postgresql")->make(settings);
}

}  // namespace assembly_sync::test
