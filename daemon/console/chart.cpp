#include "daemon/console/chart.hpp"

#include <algorithm>
#include <cstdio>

#include "daemon/console/page.hpp"

namespace assembly_sync::console {
namespace {

constexpr double kWidth = 600;
constexpr double kHeight = 120;
constexpr double kHeadroom = 1.15;  // above the highest value
constexpr std::int64_t kSpanMs = 300'000;
constexpr std::int64_t kGapMs = 5'000;  // longer without a sample is drawn as a gap

std::string tenth(double number) {
  char out[32];
  std::snprintf(out, sizeof out, "%.1f", number);
  return out;
}

std::string place(double x, double y) {
  return tenth(x) + ' ' + tenth(y);
}

class Plot {
 public:
  explicit Plot(const Chart& chart) : chart_(chart), top_(chart.limit) {
    for (const ChartPoint& point : chart.points) top_ = std::max(top_, point.value);
    top_ = std::max(top_, 1.0);
  }

  double top() const { return top_; }
  double y(double value) const { return kHeight - value / (top_ * kHeadroom) * kHeight; }

  /// The line, or with `down` the area under it.
  std::string path(bool down) const {
    std::string out;
    std::int64_t before = 0;
    double from = 0;
    double to = 0;
    for (const ChartPoint& point : chart_.points) {
      const double x = x_of(point.at_ms);
      if (x < 0) continue;
      const bool begins = out.empty() || point.at_ms - before > kGapMs;
      if (begins && down) {
        if (!out.empty()) out += close(from, to);
        from = x;
      }
      out += (begins ? "M" : "L") + place(x, y(point.value));
      to = x;
      before = point.at_ms;
    }
    if (down && !out.empty()) out += close(from, to);
    return out;
  }

 private:
  double x_of(std::int64_t at_ms) const {
    return kWidth - static_cast<double>(chart_.now_ms - at_ms) / kSpanMs * kWidth;
  }
  static std::string close(double from, double to) {
    return "L" + place(to, kHeight) + "L" + place(from, kHeight) + "Z";
  }

  const Chart& chart_;
  double top_;
};

}  // namespace

Markup chart(const Chart& chart) {
  const Plot plot(chart);
  Markup drawing = tag("path", {{"class", "area"}, {"d", plot.path(true)}});
  drawing += tag("path", {{"class", "line"}, {"d", plot.path(false)}});
  if (chart.limit > 0) {
    const std::string level = tenth(plot.y(chart.limit));
    drawing +=
        tag("line", {{"class", "limit"}, {"x1", 0}, {"x2", 600}, {"y1", level}, {"y2", level}});
  }
  const Markup svg = tag("svg",
                         {{"viewBox", "0 0 600 120"},
                          {"preserveAspectRatio", "none"},
                          {"role", "img"},
                          {"aria-label", chart.summary}},
                         drawing);
  const std::string scale =
      chart.limit > 0 ? "dashed: the limit, " + grouped(static_cast<std::int64_t>(chart.limit))
                      : "highest: " + grouped(static_cast<std::int64_t>(plot.top()));
  return tag("figure", {{"class", "chart"}}, svg,
             tag("figcaption", tag("span", "5 min ago"), tag("span", chart.name, "; ", scale),
                 tag("span", "now")));
}

}  // namespace assembly_sync::console
