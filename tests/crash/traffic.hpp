// The CRM's side of the crash test: records change all the time, and their signed webhooks are sent
// again and again until they are answered 200, as HubSpot does. What was answered is never sent
// again, so whatever of it the program loses stays lost.
//
// Every change raises the record's version (companies: annualrevenue, contacts: jobtitle), and a
// contact never goes back to a company it had before: so each state that arrives in Assembly can be
// ordered.
//
// Owner: create, end_changes() once; the destructor ends the threads. Other methods are
// thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "core/value.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sample_crm.hpp"

namespace assembly_sync::test {

class Traffic {
 public:
  /// Changes the records that `crm` holds by now, and adds some.
  Traffic(sandbox::SampleCrm& crm, std::uint64_t seed);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  /// Where the program listens now; nothing = nowhere.
  void deliver_to(std::optional<std::string> webhook_url);
  /// From here on nothing changes any more; what was not answered is still sent again.
  void end_changes();
  bool all_answered() const;
  /// Returns in the moment after the next 200, or when there is none for `at_most`.
  void wait_for_answer(std::chrono::milliseconds at_most);

  struct Count {
    std::uint64_t changes = 0;
    std::uint64_t acknowledged = 0;         // webhooks answered 200
    std::uint64_t acknowledged_events = 0;  // in them
    std::uint64_t sent_again = 0;           // webhooks that got another answer or none
  };
  Count count() const;
  /// The companies a contact has had, in this order; by the contact's id. After end_changes().
  const std::map<std::string, std::vector<std::string>>& companies_of() const { return companies_; }

 private:
  using Batch = std::vector<core::Value>;

  void change(const std::stop_token& stop);
  void change_one();
  void change_company();
  void change_contact();
  void move_contact();
  void add_company();
  void add_contact();
  void queue_events();
  void send(const std::stop_token& stop);
  bool post(const Batch& batch, const std::string& url);

  std::size_t below(std::size_t end) { return random_->next() % end; }
  std::string next_revenue();
  std::string next_title();

  sandbox::SampleCrm& crm_;
  core::SystemClock clock_;
  http::PooledTransport transport_;

  // Only the thread that changes records, later the owner.
  std::unique_ptr<core::Random> random_;
  std::uint64_t version_ = 0;
  std::vector<std::string> company_ids_;
  std::vector<std::string> contact_ids_;
  std::map<std::string, std::vector<std::string>> companies_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable answered_;
  std::optional<std::string> url_;  // guarded by mutex_
  std::deque<Batch> unanswered_;    // guarded by mutex_
  int being_sent_ = 0;              // guarded by mutex_
  Count count_;                     // guarded by mutex_
  std::vector<std::jthread> senders_;
  std::jthread changer_;
};

/// The version in a text written by a change; nothing when it is none.
std::optional<std::uint64_t> version_in_title(const std::string& title);

}  // namespace assembly_sync::test
