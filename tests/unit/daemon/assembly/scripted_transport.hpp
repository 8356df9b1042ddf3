// A transport that remembers what it was asked and answers what a test says.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "core/http.hpp"

namespace assembly_sync::test {

class ScriptedTransport final : public core::HttpTransport {
 public:
  using Result = tl::expected<core::HttpResponse, core::HttpFailure>;

  void answer(int status, std::string body = {}, std::vector<core::HttpHeader> headers = {}) {
    answers_.emplace_back(core::HttpResponse{status, std::move(headers), std::move(body)});
  }
  void fail(bool reached_server, std::string reason) {
    answers_.emplace_back(tl::unexpected(core::HttpFailure{reached_server, std::move(reason)}));
  }

  /// `{}` with 200 when nothing else was said.
  Result send(const core::HttpRequest& request) override {
    requests.push_back(request);
    if (answers_.empty()) return core::HttpResponse{200, {}, "{}"};
    Result next = std::move(answers_.front());
    answers_.pop_front();
    return next;
  }

  std::vector<core::HttpRequest> requests;

 private:
  std::deque<Result> answers_;
};

}  // namespace assembly_sync::test
