// Who may use the console: whoever knows the token. A browser trades it for a session, whose id is
// random, lives in this process only and ends after hours without use, at logout, and when the
// token changes. Wrong tokens are counted for each address they come from. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"

namespace assembly_sync::console {

inline constexpr auto kSessionIdle = std::chrono::hours{12};
inline constexpr auto kSessionLongest = std::chrono::hours{7 * 24};
inline constexpr std::size_t kSessions = 100;  // the one longest unused makes room
/// Wrong tokens from one address: so many at once, then one more each so often.
inline constexpr int kTries = 10;
inline constexpr auto kTryAgain = std::chrono::seconds{10};
inline constexpr std::size_t kAddresses = 1000;  // more share one count

/// What a signed-in browser has. `csrf` stands in each form of a page and must come back with it.
struct Session {
  std::string id;
  std::string csrf;
};

class Auth {
 public:
  /// `new_secret` gives a text that can't be guessed, another one each time.
  Auth(const core::Clock& clock, std::function<std::string()> new_secret);

  /// Before it is called nobody gets in. Another token than before ends all sessions.
  void set_token(const core::Secret& token);

  enum class Answer : std::uint8_t { right, wrong, too_many };
  /// `from`: the address of the peer. After too many wrong ones the right one is not looked at
  /// either, or the limit would limit nothing. The same wrong token again is no new try.
  Answer try_token(std::string_view token, const std::string& from);

  /// For a browser that gave the right token.
  Session begin();
  /// Nothing when there is no such session, or not any more. Counts as use.
  std::optional<Session> find(std::string_view id);
  void end(std::string_view id);
  /// What the session's next page is to say: kept until it is taken.
  void tell(std::string_view id, std::string text);
  std::string take_told(std::string_view id);

 private:
  struct Live {
    Session session;
    core::SteadyTime begun;
    core::SteadyTime used;
    std::string told;
  };
  struct Tries {
    double left = kTries;
    core::SteadyTime as_of;
    core::Secret last_wrong;
  };

  Tries& tries_of(const std::string& from);
  /// How many wrong ones are left to it by now.
  double left_of(const Tries& tries) const;
  void forget_expired();

  const core::Clock& clock_;
  const std::function<std::string()> new_secret_;
  std::mutex mutex_;
  // Guarded by mutex_:
  core::Secret token_;
  std::vector<Live> sessions_;
  std::map<std::string, Tries> tries_;
};

}  // namespace assembly_sync::console
