#include "daemon/delivery/outcome_text.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace assembly;

struct Name {
  std::string_view operator()(const Delivered&) const { return "delivered"; }
  std::string_view operator()(const Throttled&) const { return "throttled"; }
  std::string_view operator()(const Transient&) const { return "transient"; }
  std::string_view operator()(const Rejected&) const { return "rejected"; }
  std::string_view operator()(const Ambiguous&) const { return "ambiguous"; }
  std::string_view operator()(const Unauthorized&) const { return "unauthorized"; }
};

struct Reason {
  std::string operator()(const Delivered&) const { return ""; }
  std::string operator()(const Throttled&) const { return "HTTP 429"; }
  std::string operator()(const Transient& transient) const { return transient.reason; }
  std::string operator()(const Rejected& rejected) const { return rejected.reason; }
  std::string operator()(const Ambiguous& ambiguous) const { return ambiguous.reason; }
  std::string operator()(const Unauthorized& refused) const {
    return "HTTP " + std::to_string(refused.status);
  }
};

/// 0 = there was no answer, or it is not kept.
struct Status {
  int operator()(const Delivered& delivered) const { return delivered.status; }
  int operator()(const Throttled&) const { return 429; }
  int operator()(const Transient&) const { return 0; }
  int operator()(const Rejected& rejected) const { return rejected.status; }
  int operator()(const Ambiguous&) const { return 0; }
  int operator()(const Unauthorized& refused) const { return refused.status; }
};

}  // namespace

int status_of(const Outcome& outcome) {
  return std::visit(Status{}, outcome);
}
std::string_view name_of(const Outcome& outcome) {
  return std::visit(Name{}, outcome);
}
std::string reason_of(const Outcome& outcome) {
  return std::visit(Reason{}, outcome);
}

Outcome to_outcome(const Failure& failure) {
  return std::visit([](const auto& what) -> Outcome { return what; }, failure);
}

}  // namespace assembly_sync::delivery
