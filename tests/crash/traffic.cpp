#include "tests/crash/traffic.hpp"

#include <algorithm>
#include <charconv>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;

constexpr int kSenders = 3;
constexpr auto kTryAgain = 20ms;
/// Above every revenue that the sample data has by itself.
constexpr std::uint64_t kFirstRevenue = 1'000'000'000;
constexpr std::string_view kTitle = "Version ";

}  // namespace

std::optional<std::uint64_t> version_in_title(const std::string& title) {
  if (!title.starts_with(kTitle)) return std::nullopt;
  std::uint64_t version = 0;
  const char* const end = title.data() + title.size();
  const auto read = std::from_chars(title.data() + kTitle.size(), end, version);
  if (read.ptr != end || read.ec != std::errc{}) return std::nullopt;
  return version;
}

Traffic::Traffic(sandbox::SampleCrm& crm, std::uint64_t seed)
    : crm_(crm), transport_(clock_), random_(core::make_seeded_random(seed)) {
  for (const Value& company : crm_.records("companies")) {
    company_ids_.push_back(company.text_or("id"));
  }
  for (const Value& contact : crm_.records("contacts")) {
    contact_ids_.push_back(contact.text_or("id"));
    companies_[contact_ids_.back()] = {contact.at("properties").text_or("associatedcompanyid")};
  }
  for (int i = 0; i < kSenders; ++i) {
    senders_.emplace_back([this](const std::stop_token& stop) { send(stop); });
  }
  changer_ = std::jthread([this](const std::stop_token& stop) { change(stop); });
}

Traffic::~Traffic() {
  end_changes();
  for (std::jthread& sender : senders_) sender.request_stop();
  wake_.notify_all();
  transport_.shut_down();
}

void Traffic::deliver_to(std::optional<std::string> webhook_url) {
  {
    const std::lock_guard lock(mutex_);
    url_ = std::move(webhook_url);
  }
  wake_.notify_all();
}

void Traffic::end_changes() {
  changer_.request_stop();
  if (changer_.joinable()) changer_.join();
}

bool Traffic::all_answered() const {
  const std::lock_guard lock(mutex_);
  return unanswered_.empty() && being_sent_ == 0;
}

void Traffic::wait_for_answer(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  const std::uint64_t before = count_.acknowledged;
  answered_.wait_for(lock, at_most, [&] { return count_.acknowledged != before; });
}

Traffic::Count Traffic::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void Traffic::change(const std::stop_token& stop) {
  do {
    const std::size_t changes = 1 + below(3);
    for (std::size_t i = 0; i < changes; ++i) change_one();
    if (below(3) != 0) queue_events();
  } while (clock_.sleep_for(std::chrono::milliseconds(5 + below(25)), stop));
  queue_events();
}

void Traffic::change_one() {
  const std::size_t which = below(100);
  if (which < 45) {
    change_company();
  } else if (which < 65) {
    change_contact();
  } else if (which < 80) {
    move_contact();
  } else if (which < 90) {
    add_company();
  } else {
    add_contact();
  }
  const std::lock_guard lock(mutex_);
  ++count_.changes;
}

std::string Traffic::next_revenue() {
  return std::to_string(kFirstRevenue + ++version_);
}

std::string Traffic::next_title() {
  return std::string(kTitle) + std::to_string(++version_);
}

void Traffic::change_company() {
  Value::Object change = {{"annualrevenue", next_revenue()}};
  if (below(2) == 0) change["name"] = "Company " + std::to_string(version_);
  if (below(3) == 0) change["industry"] = "INDUSTRY_" + std::to_string(version_ % 7);
  if (below(3) == 0) change["segments"] = below(2) == 0 ? "enterprise" : "startup;export";
  crm_.update("companies", company_ids_[below(company_ids_.size())], change);
}

void Traffic::change_contact() {
  Value::Object change = {{"jobtitle", next_title()}};
  if (below(2) == 0) change["lastname"] = "Person" + std::to_string(version_);
  crm_.update("contacts", contact_ids_[below(contact_ids_.size())], change);
}

void Traffic::move_contact() {
  const std::string& contact = contact_ids_[below(contact_ids_.size())];
  std::vector<std::string>& had = companies_[contact];
  const std::string& company = company_ids_[below(company_ids_.size())];
  if (std::find(had.begin(), had.end(), company) != had.end()) return;
  had.push_back(company);
  crm_.set_primary_company(contact, company);
}

void Traffic::add_company() {
  const std::string revenue = next_revenue();
  const std::string number = std::to_string(version_);
  company_ids_.push_back(crm_.create("companies", {{"name", "New company " + number},
                                                   {"domain", "new" + number + ".example"},
                                                   {"annualrevenue", revenue},
                                                   {"industry", "INDUSTRY_NEW"},
                                                   {"tier", "gold"}}));
}

void Traffic::add_contact() {
  const std::string title = next_title();
  const std::string number = std::to_string(version_);
  const std::string& company = company_ids_[below(company_ids_.size())];
  const std::string id = crm_.create("contacts", {{"firstname", "New"},
                                                  {"lastname", "Person" + number},
                                                  {"email", "person" + number + "@people.example"},
                                                  {"jobtitle", title},
                                                  {"associatedcompanyid", company}});
  contact_ids_.push_back(id);
  companies_[id] = {company};
}

void Traffic::queue_events() {
  Batch events = crm_.take_events();
  if (events.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    unanswered_.push_back(std::move(events));
  }
  wake_.notify_all();
}

void Traffic::send(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Batch batch;
    std::string url;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [&] { return url_ && !unanswered_.empty(); });
      if (stop.stop_requested()) return;
      batch = std::move(unanswered_.front());
      unanswered_.pop_front();
      url = *url_;
      ++being_sent_;
    }
    const bool answered = post(batch, url);
    {
      const std::lock_guard lock(mutex_);
      --being_sent_;
      if (answered) {
        ++count_.acknowledged;
        count_.acknowledged_events += batch.size();
      } else {
        ++count_.sent_again;
        unanswered_.push_back(std::move(batch));  // later ones overtake it, as HubSpot's do
      }
    }
    answered_.notify_all();
    if (!answered) clock_.sleep_for(kTryAgain, stop);
  }
}

bool Traffic::post(const Batch& batch, const std::string& url) {
  const std::string path = "/hooks/hubspot";
  const auto answer = transport_.send(crm_.webhook(batch, kPublicUrl + path, url + path));
  return answer && answer->status == 200;
}

}  // namespace assembly_sync::test
