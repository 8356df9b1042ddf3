#include "tests/bench/report.hpp"

#include <cmath>
#include <cstdio>
#include <iostream>

namespace assembly_sync::bench {
namespace {

constexpr const char* kRow = "%-5s %-54s %12s %12s %10s %11s  %-18s %s\n";

std::string rounded(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string with_unit(double value, const std::string& unit) {
  return number(value) + (unit == "x" || unit == "%" || unit.empty() ? unit : " " + unit);
}

bool meets(double figure, Limits::Want want, double limit) {
  return want == Limits::Want::at_least ? figure >= limit : figure <= limit;
}

void print(const Line& line, const std::string& figure, const std::string& bar,
           const std::string& verdict) {
  char text[512];
  std::snprintf(text, sizeof text, kRow, line.bar.c_str(), line.name.c_str(), line.ours.c_str(),
                line.peer.c_str(), line.floor.c_str(), figure.c_str(), bar.c_str(),
                verdict.c_str());
  std::cout << text;
  if (!line.note.empty()) std::cout << "      " << line.note << '\n';
  std::cout << std::flush;
}

}  // namespace

std::string number(double value) {
  const double size = std::fabs(value);
  if (size < 1000) {
    // Enough to tell a miss from a hit, no more than was measured.
    std::string text = rounded(value, size >= 100 ? 1 : size >= 1 ? 2 : 3);
    while (text.find('.') != std::string::npos && (text.back() == '0' || text.back() == '.')) {
      const bool point = text.back() == '.';
      text.pop_back();
      if (point) break;
    }
    return text;
  }
  std::string digits = rounded(value, 0);
  for (auto at = static_cast<int>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

Report::Report() {
  print({.bar = "bar",
         .name = "measured",
         .ours = "ours",
         .peer = "peer",
         .floor = "floor",
         .figure = 0,
         .unit = "",
         .limits = {}},
        "figure", "pass / stretch", "verdict");
}

void Report::add(const Line& line) {
  const std::string figure = with_unit(line.figure, line.unit);
  if (!line.limits) return print(line, figure, "-", "-");
  const Limits& limits = *line.limits;
  const std::string bar = std::string(limits.want == Limits::Want::at_least ? ">= " : "<= ") +
                          number(limits.pass) + " / " + number(limits.stretch);
  if (meets(line.figure, limits.want, limits.stretch)) return print(line, figure, bar, "stretch");
  if (meets(line.figure, limits.want, limits.pass)) return print(line, figure, bar, "pass");
  ++missed_;
  print(line, figure, bar, "MISSED");
}

void Report::missing(const std::string& bar, const std::string& name, const std::string& why) {
  ++missed_;
  print({.bar = bar, .name = name, .ours = "-", .figure = 0, .unit = "", .limits = {}, .note = why},
        "-", "-", "NOT MEASURED");
}

void Report::progress(const std::string& text) {
  std::cerr << "bench: " << text << std::endl;
}

}  // namespace assembly_sync::bench
