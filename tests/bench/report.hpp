// The table of bars: one line a bar, printed as soon as it is measured. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace assembly_sync::bench {

/// What a measured figure is held against. `pass` is the least, `stretch` the aim.
struct Limits {
  enum class Want { at_least, at_most };
  Want want = Want::at_least;
  double pass = 0;
  double stretch = 0;
};
inline Limits at_least(double pass, double stretch) {
  return {Limits::Want::at_least, pass, stretch};
}
inline Limits at_most(double pass, double stretch) {
  return {Limits::Want::at_most, pass, stretch};
}

struct Line {
  std::string bar;   // "T1"
  std::string name;  // what was measured, with its unit
  std::string ours;
  std::string peer = "-";
  std::string floor = "-";
  double figure = 0;  // what the limits are about
  std::string unit;   // of the figure: "x", "%", "ms"
  std::optional<Limits> limits;
  std::string note{};  // what a reader must know to believe it
};

/// 12345.6 -> "12,346"; small numbers keep decimals.
std::string number(double value);

class Report {
 public:
  /// Prints the heading.
  Report();
  void add(const Line& line);
  /// Something could not be measured at all.
  void missing(const std::string& bar, const std::string& name, const std::string& why);
  /// What is going on, on stderr.
  static void progress(const std::string& text);
  /// Bars that were missed or not measured.
  int missed() const { return missed_; }

 private:
  int missed_ = 0;
};

}  // namespace assembly_sync::bench
