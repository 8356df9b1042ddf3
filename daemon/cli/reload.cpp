#include "daemon/cli/reload.hpp"

#include <filesystem>
#include <ostream>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "daemon/answers/status.hpp"
#include "daemon/cli/open_error.hpp"
#include "daemon/cli/problems.hpp"
#include "daemon/cli/signals.hpp"
#include "daemon/config/document.hpp"

namespace assembly_sync::cli {
namespace {

using namespace std::chrono_literals;
using core::Value;

constexpr const char* kRequestNote = "reload_request";
constexpr const char* kAnswerNote = "reload_answer";
/// A daemon that is cutting off slow calls answers later than at once.
constexpr auto kAnswerTime = 60s;
constexpr auto kLook = 100ms;

/// The request's number; 0 when there is none.
std::int64_t number_of(const core::Result<Value>& note) {
  return note ? note->at("number").as_int() : 0;
}

core::Result<Value> read_note(const store::Store& store, const char* name) {
  return core::parse_json(store.read([&](const store::View& view) { return view.note(name); }));
}

ReloadAnswer answer_of(const Value& note) {
  ReloadAnswer answer;
  answer.running = true;
  answer.answered = true;
  answer.problems = problems_of(note.at("problems"));
  answer.version = note.at("version").as_int();
  answer.changed = note.at("changed").as_bool();
  answer.remaps = note.at("remaps").as_bool();
  return answer;
}

}  // namespace

Reloads::Reloads(app::App& app, std::string file, const config::SecretProvider& secrets,
                 core::Clock& clock, telemetry::Log& log)
    : app_(app),
      file_(std::move(file)),
      secrets_(secrets),
      clock_(clock),
      log_(log),
      seen_(number_of(read_note(app.store(), kAnswerNote))) {}

bool Reloads::asked() {
  const auto request = read_note(app_.store(), kRequestNote);
  if (number_of(request) == seen_) return false;
  seen_ = number_of(request);
  asked_wrongly_.clear();
  if (const std::string file = request->text_or("file"); file != config::full_path(file_)) {
    asked_wrongly_.push_back({file, 0, 0, "",
                              "expected the file that the running daemon was started with, " +
                                  config::full_path(file_) + ", got another one"});
  }
  return true;
}

void Reloads::reload() {
  if (!asked_wrongly_.empty()) {
    answer(std::exchange(asked_wrongly_, {}), {});
    return;
  }
  config::LoadResult loaded = config::load_file(file_, secrets_);
  core::Problems problems = std::move(loaded.problems);
  std::optional<app::App::Reloaded> reloaded;
  if (loaded.config) {
    if (auto result = app_.reload(std::move(*loaded.config))) {
      reloaded = *result;
    } else {
      problems.push_back({file_, 0, 0, "", result.error().message});
    }
  }
  for (const core::Problem& problem : problems) {
    log_.error("config_problem", {{"where", core::to_text(problem)}});
  }
  if (reloaded) {
    log_.info("config_loaded", {{"version", reloaded->version.version},
                                {"changed", reloaded->changed ? "yes" : "no"},
                                {"maps_again", reloaded->remaps ? "yes" : "no"}});
  } else {
    log_.error("config_refused", {{"problems", static_cast<std::int64_t>(problems.size())},
                                  {"what", "the configuration before goes on serving"}});
  }
  answer(problems, reloaded);
}

void Reloads::answer(const core::Problems& problems,
                     const std::optional<app::App::Reloaded>& reloaded) {
  const Value note = Value::object({{"number", seen_},
                                    {"problems", to_value(problems)},
                                    {"version", reloaded ? reloaded->version.version : 0},
                                    {"changed", reloaded && reloaded->changed},
                                    {"remaps", reloaded && reloaded->remaps}});
  app_.store().write(store::Urgency::live, [&](store::Tx& tx) {
    tx.set_note(kAnswerNote, core::dump_json(note));
    answers::set_rejected(tx, problems, core::to_ms(clock_.wall_now()));
  });
}

core::Result<ReloadAnswer> ask_to_reload(const std::string& store_path, const std::string& file) {
  ReloadAnswer answer;
  if (!std::filesystem::exists(store_path)) return answer;
  StopSignals signals;
  core::SystemClock clock;
  {
    const auto lock = store::Store::open(store_path, clock);
    if (lock) return answer;  // nobody holds it
    if (lock.error().kind != store::OpenError::Kind::busy) return core::fail(lock.error().message);
  }
  answer.running = true;
  const auto store = store::Store::open(store_path, clock, {.exclusive = false});
  if (!store) return core::fail(store.error().message);
  std::int64_t number = 0;
  (*store)->write(store::Urgency::live, [&](store::Tx& tx) {
    number = number_of(core::parse_json(tx.note(kRequestNote))) + 1;
    tx.set_note(
        kRequestNote,
        core::dump_json(Value::object({{"number", number}, {"file", config::full_path(file)}})));
  });
  const core::SteadyTime end = clock.steady_now() + kAnswerTime;
  while (clock.steady_now() < end) {
    const auto note = read_note(**store, kAnswerNote);
    if (number_of(note) >= number) return answer_of(*note);
    if (signals.wait(kLook)) break;
  }
  return answer;
}

int explain(const Context& context, const ReloadAnswer& answer,
            const std::vector<config::ConfigFile>& files) {
  std::ostream& out = context.streams.out;
  std::ostream& err = context.streams.err;
  if (context.json) {
    out << core::dump_json(Value::object({{"running", answer.running},
                                          {"loaded", answer.answered && answer.problems.empty()},
                                          {"problems", to_value(answer.problems)},
                                          {"version", answer.version},
                                          {"changed", answer.changed},
                                          {"maps_again", answer.remaps}}))
        << '\n';
  }
  if (!answer.running) {
    if (!context.json) err << "no daemon is running: it reads the file when it starts\n";
    return kUnavailable;
  }
  if (!answer.answered) {
    if (!context.json) {
      err << "the daemon has not answered: `assembly-sync status` will tell which version it "
             "uses\n";
    }
    return kTryAgain;
  }
  if (!answer.problems.empty()) {
    if (!context.json) {
      explain(answer.problems, files, err);
      err << core::count_text(static_cast<std::int64_t>(answer.problems.size()), "problem")
          << ": not loaded; the daemon goes on with the configuration it has\n";
    }
    return kConfiguration;
  }
  if (!context.json) {
    out << "version " << answer.version << " is in force"
        << (answer.changed ? "" : " (it was already; its secrets were read again)")
        << (answer.remaps ? "; all records read so far are mapped again, what differs is sent" : "")
        << '\n';
  }
  return kDone;
}

int reload(const Context& context) {
  const config::LoadResult loaded = config::load_file(context.config_file, context.secrets);
  if (loaded.store_path.empty()) {
    // Where the daemon's state is can't be known; what it would find wrong can.
    explain(loaded.problems, loaded.files, context.streams.err);
    context.streams.err << "not loaded; a running daemon goes on with the configuration it has\n";
    return kConfiguration;
  }
  const auto answer = ask_to_reload(loaded.store_path, context.config_file);
  if (!answer) {
    context.streams.err << "assembly-sync reload: " << answer.error().message << '\n';
    return kUnavailable;
  }
  return explain(context, *answer, loaded.files);
}

}  // namespace assembly_sync::cli
