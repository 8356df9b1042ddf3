// Which fields of an object are asked for: what the mapping's paths need, as far as there is such a
// field and the integration user can see it, and what the connector needs itself.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/salesforce/client.hpp"
#include "connectors/salesforce/shape.hpp"

namespace assembly_sync::connectors::salesforce {

/// A kind of record that is synced: `accounts`, which Salesforce calls Account.
struct Object {
  core::ObjectName name;
  std::string api_name;
};

struct Column {
  std::vector<std::string> path;  // where in the record: {Owner, Email}
  std::string text;               // as SOQL and the header of a CSV have it: Owner.Email
  Form form = Form::text;
};

struct Selection {
  /// In chunks that each fit a URL, each with Id as its first column.
  std::vector<std::vector<Column>> chunks;
  std::string stamp;       // the field that orders versions: SystemModstamp
  bool deletable = false;  // there is IsDeleted
  bool mergeable = false;  // there is MasterRecordId
  bool rollups = false;    // sums over opportunities are wanted
  bool account = false;    // AccountId is wanted, so that an unknown account is to be read
  bool replicateable = false;

  std::vector<Column> all() const;
  /// Of the columns: what was asked for with others can't be read as this selection.
  std::string mark() const;
};

/// The wish for derived values of an account's opportunities.
bool wants_rollups(const Object& object, const Paths& wanted);

/// Adds to `warnings` what is left out, each time.
Answer<Selection> select(const Object& object, const Paths& wanted, Shapes& shapes,
                         const Client& client, std::vector<std::string>& warnings);

}  // namespace assembly_sync::connectors::salesforce
