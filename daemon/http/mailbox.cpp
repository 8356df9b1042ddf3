#include "daemon/http/mailbox.hpp"

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>

#include "daemon/http/response.hpp"

namespace assembly_sync::http {
namespace {

// The mailbox whose loop runs on this thread.
thread_local const Mailbox* adopted = nullptr;

}  // namespace

Mailbox::Mailbox() : event_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!event_fd_.open()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void Mailbox::adopt() {
  adopted = this;
}

void Mailbox::post(Answer answer) {
  if (adopted == this) {
    own_.push_back(std::move(answer));
    return;
  }
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  queue_.push_back(std::move(answer));
  if (asleep_) ring();
}

void Mailbox::wake() {
  const std::lock_guard lock(mutex_);
  ring();
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  queue_.clear();
}

void Mailbox::take(std::vector<Answer>& into, bool then_sleep) {
  if (!own_.empty()) {
    into.swap(own_);
    return;
  }
  const std::lock_guard lock(mutex_);
  into.swap(queue_);
  asleep_ = then_sleep && into.empty();
}

void Mailbox::ring() {
  asleep_ = false;
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake already.
  [[maybe_unused]] const auto written = ::write(event_fd_.get(), &one, sizeof one);
}

Responder::State::~State() {
  if (!answered) answer(refusal(500), {}, false);
}

void Responder::State::answer(Response response, std::chrono::milliseconds delay, bool abort) {
  if (answered.exchange(true)) return;
  mailbox->post({to, std::move(response), delay, abort});
}

Responder::Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}

void Responder::send(Response response) const {
  state_->answer(std::move(response), {}, false);
}

void Responder::send_after(std::chrono::milliseconds delay, Response response) const {
  state_->answer(std::move(response), delay, false);
}

void Responder::abort(std::string partial) const {
  Response raw;
  raw.body = std::move(partial);
  state_->answer(std::move(raw), {}, true);
}

}  // namespace assembly_sync::http
