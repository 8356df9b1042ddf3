// One request and its answer: the part of the loop that reads, parses, hands over and writes.
#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>

#include "daemon/http/event_loop.hpp"
#include "daemon/http/response.hpp"

namespace assembly_sync::http {
namespace {

constexpr std::size_t kDiscardBytes = 8 * 1024 * 1024;  // read from a peer that was refused
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool is_valid_status(int status) {
  return status >= 200 && status <= 599;
}

}  // namespace

void EventLoop::read_later(Connection& connection) {
  if (!connection.read_queued) ready_.push_back(connection.id);
  connection.read_queued = true;
}

void EventLoop::read_some(Connection& connection) {
  if (connection.state == State::handling || connection.state == State::writing) return;
  const ssize_t got = ::recv(connection.fd.get(), scratch_.data(), scratch_.size(), 0);
  if (got < 0) {
    if (errno == EINTR) {
      read_later(connection);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      connection.readable = false;
    } else {
      close(connection);
    }
    return;
  }
  // A complete request is wanted before anything is handled; a peer that ends within one is cut
  // off.
  if (got == 0) return close(connection);
  const auto bytes = static_cast<std::size_t>(got);
  // A short read has emptied the socket: the next bytes come with a new edge (epoll(7)).
  connection.readable = bytes == scratch_.size() || connection.peer_ended;
  if (connection.readable) read_later(connection);
  if (connection.state == State::lingering) {
    connection.discarded += bytes;
    if (connection.discarded > kDiscardBytes) close(connection);
    return;
  }
  parse(connection, {scratch_.data(), bytes});
}

void EventLoop::parse(Connection& connection, std::string_view fresh) {
  if (connection.state == State::idle) set_state(connection, State::reading);
  // Most requests come in one piece: then they are parsed where they were read to.
  const bool in_place = connection.unparsed.empty();
  if (!in_place) connection.unparsed.append(fresh);
  const std::string_view bytes = in_place ? fresh : std::string_view(connection.unparsed);
  std::size_t used = 0;
  const RequestParser::Step step = connection.parser.feed(bytes, used);
  if (in_place) {
    connection.unparsed.assign(bytes.substr(used));
  } else {
    connection.unparsed.erase(0, used);
  }
  switch (step) {
    case RequestParser::Step::more:
      if (connection.parser.take_expectation()) send_continue(connection);
      return;
    case RequestParser::Step::complete:
      return dispatch(connection);
    case RequestParser::Step::refused:
      connection.unparsed.clear();
      return respond(connection, refusal(connection.parser.refusal()));
  }
}

void EventLoop::send_continue(Connection& connection) {
  const ssize_t sent =
      ::send(connection.fd.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
  // Nothing else is on its way out, so a socket without room for it is a broken one.
  if (sent != static_cast<ssize_t>(kContinue.size())) close(connection);
}

void EventLoop::dispatch(Connection& connection) {
  set_state(connection, State::handling);
  Request request = std::move(connection.parser.request());
  request.peer = connection.peer;
  connection.keep_alive = connection.parser.keep_alive();
  connection.head_only = request.method == "HEAD";
  connection.parser.reset();
  const auto state = std::make_shared<Responder::State>(mailbox_, connection.id);
  try {
    handler_(std::move(request), Responder(state));
  } catch (...) {
    // What went wrong is the handler's to report; the peer learns nothing of it.
    state->answer(refusal(500), {}, false);
  }
}

void EventLoop::take_answers() {
  std::vector<Answer> answers;
  do {
    answers.clear();
    mailbox_->take(answers, ready_.empty());
    for (Answer& answer : answers) apply(std::move(answer));
  } while (!answers.empty());
}

void EventLoop::apply(Answer answer) {
  if (answer.delay.count() > 0) {
    delayed_.emplace(Steady::now() + answer.delay, std::move(answer));
    return;
  }
  Connection* const connection = find(answer.to);
  if (connection == nullptr || connection->state != State::handling) return;
  if (!answer.abort) return respond(*connection, std::move(answer.response));
  connection->head.clear();
  connection->body = std::move(answer.response.body);
  connection->then = Connection::Then::close;
  flush(*connection);
}

void EventLoop::respond(Connection& connection, Response response) {
  if (!is_valid_status(response.status)) response = refusal(500);
  const bool from_handler = connection.state == State::handling;
  const bool keep = from_handler && connection.keep_alive && !response.close && !stopping_;
  connection.head = response_head(response, keep, date_);
  connection.body.clear();
  const bool head_only = from_handler && connection.head_only;
  if (!head_only && status_has_body(response.status)) connection.body = std::move(response.body);
  connection.then = keep ? Connection::Then::next_request : Connection::Then::linger;
  flush(connection);
}

void EventLoop::flush(Connection& connection) {
  const std::size_t total = connection.head.size() + connection.body.size();
  while (connection.sent < total) {
    const std::size_t of_head = std::min(connection.sent, connection.head.size());
    const std::size_t of_body = connection.sent - of_head;
    std::array<iovec, 2> parts{
        {{connection.head.data() + of_head, connection.head.size() - of_head},
         {connection.body.data() + of_body, connection.body.size() - of_body}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(connection.fd.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return set_state(connection, State::writing);
    }
    if (sent < 0) return close(connection);
    connection.sent += static_cast<std::size_t>(sent);
  }
  after_answer(connection);
}

void EventLoop::after_answer(Connection& connection) {
  connection.sent = 0;
  connection.head.clear();
  if (connection.body.capacity() > 0) connection.body = std::string();
  switch (connection.then) {
    case Connection::Then::close:
      return close(connection);
    case Connection::Then::linger:
      // Closing with unread bytes would reset the connection and destroy the answer on its way.
      ::shutdown(connection.fd.get(), SHUT_WR);
      connection.unparsed.clear();
      set_state(connection, State::lingering);
      if (connection.readable) read_later(connection);
      return;
    case Connection::Then::next_request:
      return next_request(connection);
  }
}

void EventLoop::next_request(Connection& connection) {
  if (stopping_) return close(connection);
  set_state(connection, State::idle);
  if (!connection.unparsed.empty()) {
    const std::string pipelined = std::move(connection.unparsed);
    connection.unparsed.clear();
    return parse(connection, pipelined);
  }
  if (connection.readable) read_later(connection);
}

}  // namespace assembly_sync::http
