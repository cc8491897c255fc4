#include "sweep/curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "graph/draw_text.h"
#include "sweep/axis_ticks.h"

namespace generalizer {
namespace {

constexpr double kWidth = 760.0, kHeight = 470.0;
constexpr double kLeft = 64.0, kRight = 20.0, kTop = 46.0, kBottom = 58.0;

// Alone, the drawing is the document's root and brings its colours; in a page it takes the page's.
constexpr const char* kStyle = R"(<style>
svg.curve:root { --ink: #1c2430; --muted: #5b6675; --line: #d9dee5; --accent: #0b62a8; --paper: #ffffff; background: var(--paper); }
@media (prefers-color-scheme: dark) {
  svg.curve:root { --ink: #e6eaf0; --muted: #9aa6b5; --line: #333c48; --accent: #6db3f2; --paper: #12171e; }
}
.curve text { font: 13px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--muted); }
.curve .number { fill: var(--ink); font-weight: 600; font-size: 12px; }
.curve .grid { stroke: var(--line); stroke-width: 1; }
.curve .bar { stroke: var(--muted); stroke-width: 1.25; opacity: .75; }
.curve .front { stroke: var(--accent); stroke-width: 2; fill: none; stroke-linejoin: round; opacity: .55; }
.curve .point { fill: var(--paper); stroke: var(--muted); stroke-width: 2; }
.curve .pareto .point { fill: var(--accent); stroke: var(--accent); }
.curve .pareto .bar { stroke: var(--accent); }
.curve .yardstick { stroke: var(--muted); stroke-width: 1.25; stroke-dasharray: 4 4; }
.curve .axis { font-weight: 600; fill: var(--ink); }
</style>
)";

struct Point {
  std::size_t number = 0;
  std::string label;
  Estimate x, y;
  bool pareto = false;
};

struct Box {
  double left, top, right, bottom;
  bool meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

class Curve {
 public:
  explicit Curve(const SweepResults& results) : forgetting_(results.forgetting) {
    for (std::size_t i = 0; i < results.rows.size(); ++i) {
      const SweepRow& row = results.rows[i];
      const auto x = row.figures.find(results.forgetting), y = row.figures.find("test_accuracy");
      if (x != row.figures.end() && y != row.figures.end())
        points_.push_back({i + 1, label_of(row.combination), x->second, y->second, row.pareto});
      const auto goal = row.figures.find("class_mean_mse");
      if (audited() && !class_mean_ && goal != row.figures.end()) class_mean_ = goal->second.mean;
    }
  }

  std::string svg() {
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"curve\" viewBox=\"0 0 {} {}\" role=\"img\" "
        "aria-labelledby=\"curve-title\">\n"
        "<title id=\"curve-title\">Test accuracy against what can still be recovered, a point a "
        "combination</title>\n{}",
        kWidth, kHeight, kStyle);
    if (points_.empty()) {
      text(kWidth / 2, kHeight / 2, "middle", "", "No combination has a finished run yet.");
    } else {
      choose_ranges();
      draw_axes();
      draw_yardstick();
      draw_front();
      for (const Point& point : points_) draw_point(point);
      for (const Point& point : points_) draw_number(point);
      draw_legend();
    }
    return std::move(out_) + "</svg>\n";
  }

 private:
  bool audited() const { return forgetting_ == "best_attacker_mse"; }

  /// The interval as it is drawn: of two or three seeds it can reach where no mse and no share lies.
  static double least(const Estimate& e) { return std::max(e.low(), std::min(e.mean, 0.0)); }
  static double most(const Estimate& e, double limit) { return std::min(e.high(), std::max(e.mean, limit)); }

  void choose_ranges() {
    double low_x = least(points_[0].x), high_x = points_[0].x.high(), low_y = least(points_[0].y),
           high_y = most(points_[0].y, 1.0);
    for (const Point& point : points_) {
      low_x = std::min(low_x, least(point.x)), high_x = std::max(high_x, point.x.high());
      low_y = std::min(low_y, least(point.y)), high_y = std::max(high_y, most(point.y, 1.0));
    }
    if (class_mean_) low_x = std::min(low_x, *class_mean_), high_x = std::max(high_x, *class_mean_);
    x_ = ticks_for(low_x, high_x, 7);
    y_ = ticks_for(100.0 * low_y, 100.0 * high_y, 6);
  }

  double place_x(double value) const {
    return kLeft + (value - x_.low) / (x_.high - x_.low) * (kWidth - kLeft - kRight);
  }
  double place_y(double share) const {
    return kTop + (y_.high - 100.0 * share) / (y_.high - y_.low) * (kHeight - kTop - kBottom);
  }

  void line(const char* style, double x1, double y1, double x2, double y2) {
    out_ += fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
                        style, x1, y1, x2, y2);
  }

  void text(double x, double y, const char* anchor, const char* style, const std::string& words) {
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n", x, y,
                        anchor, style, html_text(words));
  }

  void draw_axes() {
    for (const double tick : x_.at) {
      line("grid", place_x(tick), kTop, place_x(tick), kHeight - kBottom);
      text(place_x(tick), kHeight - kBottom + 19, "middle", "", fmt::format("{:.{}f}", tick, x_.decimals));
    }
    for (const double tick : y_.at) {
      line("grid", kLeft, place_y(tick / 100.0), kWidth - kRight, place_y(tick / 100.0));
      text(kLeft - 8, place_y(tick / 100.0) + 4.5, "end", "", fmt::format("{:.{}f} %", tick, y_.decimals));
    }
    text(kWidth - kRight, kHeight - 12, "end", "axis",
         audited() ? "mse of the best attacker: more is forgotten →" : "loss of the in-loop decoder →");
    text(kLeft, 18, "start", "axis", "↑ test accuracy");
  }

  void draw_yardstick() {
    if (!class_mean_) return;
    const double x = place_x(*class_mean_);
    line("yardstick", x, kTop, x, kHeight - kBottom);
    const bool on_the_left = x > kWidth / 2;
    text(x + (on_the_left ? -6 : 6), kTop + 13, on_the_left ? "end" : "start", "", "class mean");
  }

  /// From Pareto-optimal point to Pareto-optimal point, in the order of x.
  void draw_front() {
    std::vector<const Point*> front;
    for (const Point& point : points_) {
      if (point.pareto) front.push_back(&point);
    }
    std::sort(front.begin(), front.end(),
              [](const Point* a, const Point* b) { return a->x.mean < b->x.mean; });
    if (front.size() < 2) return;
    std::string path;
    for (const Point* point : front)
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", place_x(point->x.mean),
                          place_y(point->y.mean));
    out_ += fmt::format("<path class=\"front\" d=\"{}\"/>\n", path);
  }

  static std::string figure(const Estimate& e, double factor, int decimals, const char* unit) {
    std::string words = fmt::format("{:.{}f}", factor * e.mean, decimals);
    if (e.half_width) words += fmt::format(" ± {:.{}f}", factor * *e.half_width, decimals);
    return words + unit;
  }

  void draw_point(const Point& point) {
    const double x = place_x(point.x.mean), y = place_y(point.y.mean);
    const std::string tip = fmt::format("{}. {}: accuracy {}, mse {}{}", point.number, point.label,
                                        figure(point.y, 100.0, 2, " %"), figure(point.x, 1.0, 5, ""),
                                        point.pareto ? "; Pareto-optimal" : "");
    out_ += fmt::format("<g class=\"{}\" tabindex=\"0\"><title>{}</title>\n",
                        point.pareto ? "combination pareto" : "combination", html_text(tip));
    line("bar", place_x(least(point.x)), y, place_x(point.x.high()), y);
    line("bar", x, place_y(least(point.y)), x, place_y(most(point.y, 1.0)));
    out_ += fmt::format("<circle class=\"point\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5.5\"/></g>\n", x, y);
    taken_.push_back({x - 6, y - 6, x + 6, y + 6});
  }

  /// Beside the point, where no other point or number is.
  void draw_number(const Point& point) {
    constexpr std::array places = {std::pair(11.0, -8.0),  std::pair(-11.0, -8.0), std::pair(11.0, 17.0),
                                   std::pair(-11.0, 17.0), std::pair(0.0, -13.0),  std::pair(0.0, 23.0),
                                   std::pair(20.0, 4.0),   std::pair(-20.0, 4.0)};
    const std::string words = std::to_string(point.number);
    const double half = 4.0 * static_cast<double>(words.size());
    const auto box_at = [&](const std::pair<double, double>& place) {
      const double x = place_x(point.x.mean) + place.first, y = place_y(point.y.mean) + place.second;
      return Box{x - half, y - 11, x + half, y + 1};
    };
    const auto free = [&](const auto& place) {
      const Box box = box_at(place);
      return std::none_of(taken_.begin(), taken_.end(), [&](const Box& other) { return box.meets(other); });
    };
    const auto found = std::find_if(places.begin(), places.end(), free);
    const auto& place = found == places.end() ? places[0] : *found;
    taken_.push_back(box_at(place));
    text(place_x(point.x.mean) + place.first, place_y(point.y.mean) + place.second, "middle", "number",
         words);
  }

  void draw_legend() {
    const bool intervals = std::any_of(points_.begin(), points_.end(),
                                       [](const Point& point) { return point.x.half_width.has_value(); });
    double x = kWidth - kRight;
    const std::string words = std::string("● Pareto-optimal   ○ other") +
                              (intervals ? "   ┼ 95 % confidence over seeds" : "   one seed: no intervals");
    text(x, 18, "end", "", words);
  }

  std::string forgetting_;
  std::vector<Point> points_;
  std::optional<double> class_mean_;
  AxisTicks x_, y_;
  std::vector<Box> taken_;
  std::string out_;
};

}  // namespace

std::string curve_svg(const SweepResults& results) { return Curve(results).svg(); }

}  // namespace generalizer
