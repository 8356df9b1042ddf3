// Salesforce's Outbound Messages: a SOAP envelope with up to 100 notifications about records of one
// object. What stands in them of a record is of the time of sending and without empty fields, so
// only its id is taken, and the record is read. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace assembly_sync::connectors::salesforce {

struct OutboundMessage {
  struct Notification {
    std::string id;      // the same when it is sent again
    std::string type;    // Contact; empty when the message carries no record
    std::string record;  // 18 characters; empty when there is none
  };
  std::string organization;  // 18 characters
  std::vector<Notification> notifications;
};

/// Fails when the body is no Outbound Message. Document types, and with them entities, are refused.
core::Result<OutboundMessage> parse_outbound(std::string_view body);

/// What Salesforce wants to be answered; anything else and it sends again for a day.
std::string_view outbound_acknowledgement();

}  // namespace assembly_sync::connectors::salesforce
