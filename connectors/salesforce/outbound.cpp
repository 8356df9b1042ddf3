#include "connectors/salesforce/outbound.hpp"

#include <algorithm>
#include <exception>

#include <Poco/SAX/Attributes.h>
#include <Poco/SAX/DefaultHandler.h>
#include <Poco/SAX/SAXParser.h>

#include "connectors/salesforce/ids.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

using Poco::XML::XMLString;

constexpr std::string_view kSoap = "http://schemas.xmlsoap.org/soap/envelope/";
constexpr std::string_view kOutbound = "http://soap.sforce.com/2005/09/outbound";
constexpr std::string_view kInstance = "http://www.w3.org/2001/XMLSchema-instance";
/// Of the fields of a record: urn:sobject.enterprise.soap.sforce.com or …partner….
constexpr std::string_view kRecordStart = "urn:sobject.";
constexpr std::size_t kMostNotifications = 100;
constexpr std::size_t kDeepest = 32;
constexpr std::size_t kIdBytes = 64;

/// Where a document type might stand: before the first element. There are none in such messages,
/// and entities, which need one, are how XML attacks its readers.
bool has_document_type(std::string_view text) {
  std::size_t at = text.find('<');
  while (at != std::string_view::npos) {
    const std::string_view rest = text.substr(at);
    std::string_view end;
    if (rest.starts_with("<?")) {
      end = "?>";
    } else if (rest.starts_with("<!--")) {
      end = "-->";
    } else {
      return rest.starts_with("<!");
    }
    const std::size_t closed = text.find(end, at + 2);
    if (closed == std::string_view::npos) return false;
    at = text.find('<', closed);
  }
  return false;
}

/// Names are matched by namespace and local name: prefixes are the sender's choice.
class Handler final : public Poco::XML::DefaultHandler {
 public:
  void startElement(const XMLString& uri, const XMLString& local, const XMLString&,
                    const Poco::XML::Attributes& attributes) override {
    path_.push_back(step_of(uri, local));
    text_.clear();
    wanted_ = false;
    too_deep_ = too_deep_ || path_.size() > kDeepest;
    if (is({"Envelope", "Body", "notifications"})) {
      found_ = true;
    } else if (is({"Envelope", "Body", "notifications", "Notification"})) {
      message.notifications.emplace_back();
    } else if (is({"Envelope", "Body", "notifications", "Notification", "sObject"})) {
      const XMLString type = attributes.getValue(XMLString(kInstance), "type");
      message.notifications.back().type = type.substr(type.find(':') + 1).substr(0, kIdBytes);
    }
    nil_ = attributes.getValue(XMLString(kInstance), "nil") == "true";
    wanted_ = is({"Envelope", "Body", "notifications", "OrganizationId"}) ||
              is({"Envelope", "Body", "notifications", "Notification", "Id"}) ||
              is({"Envelope", "Body", "notifications", "Notification", "sObject", "record.Id"});
  }

  /// Also what stands in CDATA, and in pieces.
  void characters(const Poco::XML::XMLChar text[], int start, int length) override {
    if (wanted_ && text_.size() <= kIdBytes) {
      text_.append(text + start, static_cast<std::size_t>(length));
    }
  }

  void endElement(const XMLString&, const XMLString&, const XMLString&) override {
    if (wanted_ && !nil_) take();
    wanted_ = false;
    path_.pop_back();
  }

  OutboundMessage message;
  bool is_whole() const { return found_ && !too_deep_; }

 private:
  static std::string step_of(const XMLString& uri, const XMLString& local) {
    if (uri == kOutbound) return local;
    if (uri == kSoap && (local == "Envelope" || local == "Body")) return local;
    if (uri.compare(0, kRecordStart.size(), kRecordStart) == 0) return "record." + local;
    return "other." + local;
  }

  bool is(std::initializer_list<std::string_view> path) const {
    return std::equal(path_.begin(), path_.end(), path.begin(), path.end());
  }

  void take() {
    text_.erase(0, std::min(text_.find_first_not_of(" \t\r\n"), text_.size()));
    text_.erase(text_.find_last_not_of(" \t\r\n") + 1);
    if (path_.back() == "OrganizationId") {
      message.organization = to_18(text_).value_or("");
    } else if (path_.back() == "record.Id") {
      message.notifications.back().record = to_18(text_).value_or("");
    } else {
      message.notifications.back().id = to_18(text_).value_or("");
    }
  }

  std::vector<std::string> path_;
  std::string text_;
  bool wanted_ = false;
  bool nil_ = false;
  bool found_ = false;
  bool too_deep_ = false;
};

}  // namespace

core::Result<OutboundMessage> parse_outbound(std::string_view body) {
  const std::string expected = "expected an Outbound Message of Salesforce (a SOAP envelope), got ";
  // A NUL byte is in every encoding that could hide a document type.
  if (body.find('\0') != std::string_view::npos || has_document_type(body)) {
    return core::fail(expected + "XML with a document type or a strange encoding");
  }
  Handler handler;
  try {
    Poco::XML::SAXParser parser;
    parser.setFeature(Poco::XML::XMLReader::FEATURE_NAMESPACES, true);
    parser.setFeature(Poco::XML::XMLReader::FEATURE_EXTERNAL_GENERAL_ENTITIES, false);
    parser.setFeature(Poco::XML::XMLReader::FEATURE_EXTERNAL_PARAMETER_ENTITIES, false);
    parser.setContentHandler(&handler);
    parser.parseMemoryNP(body.data(), body.size());
  } catch (const std::exception&) {  // its text would quote the body
    return core::fail(expected + "text that is no XML");
  }
  if (!handler.is_whole()) return core::fail(expected + "other XML");
  const std::size_t count = handler.message.notifications.size();
  if (count == 0 || count > kMostNotifications) {
    return core::fail(expected + "one with " + std::to_string(count) +
                      " notifications instead of 1 to 100");
  }
  return std::move(handler.message);
}

std::string_view outbound_acknowledgement() {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>)"
         R"(<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">)"
         R"(<Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>)";
}

}  // namespace assembly_sync::connectors::salesforce
