// A Salesforce that answers by a script: the token and the descriptions are always there, queries
// are answered by a function. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "connectors/registry.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::test {

inline const core::WallTime kSalesforceNow = core::from_ms(1'767'261'600'000);  // 10:00 of a day

inline connectors::SourceSettings salesforce_settings() {
  connectors::SourceSettings settings;
  settings.name = core::SourceName("salesforce");
  settings.texts = {{"base_url", "https://acme.test/"},
                    {"client_id", "consumer"},
                    {"api_version", "66.0"},
                    {"org_id", "00D000000000062"}};
  settings.secrets = {{"client_secret", core::Secret("s3cret")},
                      {"webhook_secret", core::Secret("hook-secret")}};
  return settings;
}

inline std::unique_ptr<connectors::Connector> make_salesforce_source() {
  return connectors::find_type("salesforce")->make(salesforce_settings());
}

/// Of an object with these fields, each `Name:type` or `OwnerId:reference:Owner:User`, beside those
/// that most objects have.
inline std::string described(const std::vector<std::string>& fields) {
  std::vector<std::string> all = {"Id:id", "IsDeleted:boolean", "SystemModstamp:datetime"};
  all.insert(all.end(), fields.begin(), fields.end());
  core::Value::List list;
  for (const std::string& spec : all) {
    std::istringstream in(spec);
    std::string name, type, relationship, target;
    std::getline(in, name, ':');
    std::getline(in, type, ':');
    std::getline(in, relationship, ':');
    std::getline(in, target, ':');
    core::Value field = core::Value::object({{"name", name}, {"type", type}, {"label", name}});
    field.set("filterable", true);
    field.set("relationshipName", relationship.empty() ? core::Value() : core::Value(relationship));
    field.set("referenceTo", core::Value::list({core::Value(target)}));
    list.push_back(std::move(field));
  }
  return core::dump_json(core::Value::object(
      {{"name", "X"}, {"replicateable", true}, {"fields", core::Value::list(std::move(list))}}));
}

/// A page of rows, the text of a JSON list.
inline core::HttpResponse rows(const std::string& list, const std::string& next = {},
                               std::int64_t total = 1) {
  return answer(200, R"({"totalSize":)" + std::to_string(total) + R"(,"done":)" +
                         (next.empty() ? "true" : R"(false,"nextRecordsUrl":")" + next + '"') +
                         R"(,"records":)" + list + '}');
}

inline core::HttpResponse refusal(int status, const std::string& code,
                                  const std::string& message = "Acme's secret value") {
  return answer(status, R"([{"message":")" + message + R"(","errorCode":")" + code + "\"}]");
}

class SalesforceOrg {
 public:
  using Query = std::function<core::HttpResponse(const std::string& soql)>;
  using Other = std::function<core::HttpResponse(const core::HttpRequest&)>;

  std::map<std::string, std::string> objects = {
      {"Account",
       described({"MasterRecordId:reference", "Name:string", "Website:url", "Tier__c:string",
                  "AnnualRevenue:currency", "NumberOfEmployees:int", "OwnerId:reference:Owner:User",
                  "BillingAddress:address", "BillingCity:string", "Renewal__c:date"})},
      {"Contact", described({"MasterRecordId:reference", "AccountId:reference:Account:Account",
                             "Name:string", "Email:email"})},
      {"Opportunity", described({"AccountId:reference:Account:Account", "Amount:currency",
                                 "CloseDate:date", "IsWon:boolean"})},
      {"User", described({"Name:string", "Email:email"})}};
  Query on_query = [](const std::string&) { return rows("[]", {}, 0); };
  Other on_other = [](const core::HttpRequest& request) {
    const bool deletions = request.url.find("/deleted/") != std::string::npos;
    return deletions ? answer(200, R"({"deletedRecords":[]})") : refusal(404, "NOT_FOUND");
  };
  std::vector<std::string> queries;  // as SOQL
  std::vector<std::string> paths;    // of everything but the token

  std::unique_ptr<connectors::Connector> source = make_salesforce_source();
  ScriptedTransport transport{[this](const core::HttpRequest& request) { return take(request); }};
  core::WallTime now = kSalesforceNow;

  connectors::ReadResult<connectors::Page> list(
      const std::string& object, const connectors::Paths& wanted,
      const std::optional<std::string>& cursor = std::nullopt) {
    return source->list(core::ObjectName(object), cursor, wanted, transport, now);
  }
  connectors::ReadResult<connectors::BatchRead> read(const std::string& object,
                                                     const std::vector<std::string>& ids,
                                                     const connectors::Paths& wanted) {
    std::vector<core::RecordId> asked;
    for (const std::string& id : ids) asked.emplace_back(id);
    return source->read(core::ObjectName(object), asked, wanted, transport, now);
  }
  std::string since(core::WallTime time) const {
    return source->changes_since(core::ObjectName("accounts"), time);
  }
  connectors::ReadResult<connectors::Changes> changes(const std::string& object,
                                                      const std::string& cursor,
                                                      const connectors::Paths& wanted) {
    return source->changes(core::ObjectName(object), cursor, wanted, transport, now);
  }

 private:
  core::HttpResponse take(const core::HttpRequest& request) {
    const std::string path = request.url.substr(request.url.find('/', 8));
    if (path == "/services/oauth2/token") {
      return answer(200, R"({"access_token":"at","instance_url":"https://acme.test"})");
    }
    paths.push_back(path);
    if (path.ends_with("/describe")) {
      std::string name = path.substr(0, path.rfind('/'));
      name = name.substr(name.rfind('/') + 1);
      const auto found = objects.find(name);
      return found == objects.end() ? refusal(404, "NOT_FOUND") : answer(200, found->second);
    }
    const std::size_t q = path.find("?q=");
    if (q == std::string::npos) return on_other(request);
    queries.push_back(core::percent_decode(path.substr(q + 3)).value());
    return on_query(queries.back());
  }
};

}  // namespace assembly_sync::test
