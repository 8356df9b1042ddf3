// The documented paths of HubSpot's CRM API over a CrmStore: list, single get, batch read, search,
// associations v4, properties, owners, lists, pipelines. The token has been checked by the caller.
// Not thread-safe.
#pragma once

#include <string>

#include "core/value.hpp"
#include "daemon/http/server.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/crm_directory.hpp"
#include "daemon/sandbox/crm_store.hpp"
#include "daemon/sandbox/uuid.hpp"

namespace assembly_sync::sandbox {

class CrmApi {
 public:
  CrmApi(const CrmStore& store, const CrmDirectory& directory, const core::Clock& clock,
         UuidMaker ids);

  /// Answers any request; what it does not know is answered 404.
  http::Response answer(const http::Request& request);
  /// What another part of the API answers, in HubSpot's form.
  http::Response as_response(const Outcome& outcome);
  /// `{"status":"error","message":…,"correlationId":…,"category":…}` with the category that goes
  /// with the status; 429 has `errorType` and `policyName` instead.
  http::Response error(int status, const std::string& message);
  /// The 401 to an OAuth token whose time is over.
  http::Response expired();
  /// The 403 that names the scope, of which the access token has need.
  http::Response missing_scope(const std::string& scope);
  /// The scope that a request needs; empty when none.
  static std::string scope_of(const http::Request& request);

 private:
  core::Value error_body(int status, const std::string& message);

  const CrmStore& store_;
  const CrmDirectory& directory_;
  const core::Clock& clock_;
  UuidMaker ids_;
};

/// All properties of a record, as the API shows it.
core::Value crm_record(const CrmStore& store, CrmObject object, const CrmRecord& record);

}  // namespace assembly_sync::sandbox
