#include "connectors/hubspot/deals.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "connectors/decimal.hpp"
#include "connectors/hubspot/associations.hpp"
#include "connectors/hubspot/objects.hpp"
#include "connectors/hubspot/records.hpp"
#include "connectors/read_error.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using core::Value;

constexpr std::size_t kBatchIds = 100;
constexpr std::size_t kAssociationInputs = 1000;

const Value& deal_properties() {
  static const Value kNames =
      Value::list({"amount", "amount_in_home_currency", "closedate", "deal_currency_code",
                   "hs_is_closed", "hs_is_closed_won", "pipeline"});
  return kNames;
}

bool is_true(const Value& properties, std::string_view name) {
  return properties.text_or(name) == "true";
}

/// In the currency of the account: sums of several currencies mean nothing. A deal without a
/// currency of its own is in that of the account.
std::string home_amount(const Value& properties) {
  std::string amount = properties.text_or("amount_in_home_currency");
  if (amount.empty() && properties.text_or("deal_currency_code").empty()) {
    amount = properties.text_or("amount");
  }
  return amount;
}

}  // namespace

bool DealSums::is_renewal(const Value& properties) const {
  return renewal_pipelines_.empty() || renewal_pipelines_.contains(properties.text_or("pipeline"));
}

Value DealSums::of(const std::vector<const Value*>& all,
                   const std::set<std::string>& wanted) const {
  DecimalSum won;
  DecimalSum open;
  std::int64_t won_count = 0;
  std::int64_t open_count = 0;
  std::optional<std::int64_t> renewal_ms;
  Value renewal;
  for (const Value* properties : all) {
    const bool is_won = is_true(*properties, "hs_is_closed_won");
    if (is_won) {
      ++won_count;
      won.add(home_amount(*properties));  // what is no number counts for nothing
    }
    if (is_won || is_true(*properties, "hs_is_closed")) continue;
    ++open_count;
    open.add(home_amount(*properties));
    const std::string close_text = properties->text_or("closedate");
    const auto close = parse_time_ms(close_text);
    if (!close || *close < core::to_ms(today_) || !is_renewal(*properties)) continue;
    if (renewal_ms && *renewal_ms <= *close) continue;
    renewal_ms = close;
    renewal = close_text;
  }
  Value out = Value::object();
  const auto set = [&](std::string_view name, Value value) {
    if (wanted.contains(std::string(name))) out.set(std::string(name), std::move(value));
  };
  set(kWonAmount, won.text());
  set(kWonCount, won_count);
  set(kOpenAmount, open.text());
  set(kOpenCount, open_count);
  set(kNextRenewal, std::move(renewal));
  return out;
}

std::optional<ReadError> DealReader::read(const std::vector<std::string>& ids) {
  for (std::size_t first = 0; first < ids.size(); first += kBatchIds) {
    Value::List inputs;
    for (std::size_t i = first; i < std::min(ids.size(), first + kBatchIds); ++i) {
      inputs.push_back(Value::object({{"id", ids[i]}}));
    }
    auto answer = client_.post("/crm/v3/objects/deals/batch/read",
                               Value::object({{"inputs", Value::list(std::move(inputs))},
                                              {"properties", deal_properties()}}));
    if (!answer) return std::move(answer.error());
    if (!answer->at("results").is_list()) {
      return transient("HubSpot's batch read of deals has no results");
    }
    for (const Value& envelope : answer->at("results").as_list()) {
      deals_[id_text(envelope.at("id"))] = envelope.at("properties");
    }
  }
  return std::nullopt;
}

ReadResult<DealReader::Deals> DealReader::of_companies(const std::vector<std::string>& companies) {
  Deals out;
  std::map<std::string, Associated> associated;
  for (std::size_t first = 0; first < companies.size(); first += kAssociationInputs) {
    const auto begin = companies.begin() + static_cast<std::ptrdiff_t>(first);
    const auto length = std::min(companies.size() - first, kAssociationInputs);
    auto part = read_associations(client_, kCompanies, kDeals,
                                  {begin, std::next(begin, static_cast<std::ptrdiff_t>(length))});
    if (!part) return tl::unexpected(std::move(part.error()));
    associated.merge(part->of);
    out.refused.merge(part->refused);
  }
  std::set<std::string> ids;
  for (const auto& [company, deals] : associated) ids.insert(deals.ids.begin(), deals.ids.end());
  if (auto error = read({ids.begin(), ids.end()})) return tl::unexpected(std::move(*error));
  for (const auto& [company, deals] : associated) {
    std::vector<const Value*>& of_company = out.of[company];
    for (const std::string& id : deals.ids) {
      // One that was deleted in between adds nothing.
      if (const auto deal = deals_.find(id); deal != deals_.end()) {
        of_company.push_back(&deal->second);
      }
    }
  }
  return out;
}

}  // namespace assembly_sync::connectors::hubspot
