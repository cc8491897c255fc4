#include "sweep/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "audit/yardsticks.h"
#include "generalizer/error.h"
#include "terminal/table.h"

namespace generalizer {
namespace {

using Json = nlohmann::ordered_json;

/// The gaps of a run whose audit had no baseline, from the audit of the baseline's run with the same seed.
void fill_gaps(SweepRun& run, const SweepRun& baseline) {
  auto& figures = run.figures.values;
  const auto& others = baseline.figures.values;
  if (!others.contains("best_attacker_mse") || !figures.contains("class_mean_mse")) return;
  for (const auto& [gap, mse] : {std::pair("gap_closed", "best_attacker_mse"),
                                 std::pair("noise_on_gap_closed", "noise_on_attacker_mse"),
                                 std::pair("noise_off_gap_closed", "noise_off_attacker_mse")}) {
    if (figures.contains(gap) || !figures.contains(mse)) continue;
    const auto closed = gap_closed(figures[mse], others.at("best_attacker_mse"), figures["class_mean_mse"]);
    if (closed) figures[gap] = *closed;
  }
}

void fill_estimates(SweepRow& row) {
  for (const FigureKind& kind : figure_kinds()) {
    std::vector<double> values;
    for (const SweepRun& run : row.runs) {
      const auto found = run.figures.values.find(kind.id);
      if (found != run.figures.values.end() && std::isfinite(found->second)) values.push_back(found->second);
    }
    if (!values.empty()) row.figures[kind.id] = estimate(values);
  }
}

std::size_t finished(const SweepRow& row) {
  return static_cast<std::size_t>(std::count_if(row.runs.begin(), row.runs.end(), [](const SweepRun& run) {
    return run.state == SweepRun::State::done;
  }));
}

std::vector<Combination> combinations_in(const SweepResults& results) {
  std::vector<Combination> all;
  for (const SweepRow& row : results.rows) all.push_back(row.combination);
  return all;
}

/// Digits behind the point that show two significant digits of the interval, or four of the figure.
int decimals_for(double value, const std::optional<double>& half_width, double factor) {
  const double size =
      half_width && *half_width > 0.0 ? *half_width * factor * 100.0 : std::abs(value * factor);
  if (size <= 0.0 || !std::isfinite(size)) return 3;
  return std::clamp(3 - static_cast<int>(std::floor(std::log10(size))), 0, 8);
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

const char* name_of(SweepRun::State state) {
  switch (state) {
    case SweepRun::State::waiting:
      return "waiting";
    case SweepRun::State::trained:
      return "trained";
    case SweepRun::State::done:
      return "done";
    case SweepRun::State::failed:
      break;
  }
  return "failed";
}

/// The kinds that some row has.
std::vector<const FigureKind*> kinds_in(const SweepResults& results) {
  std::vector<const FigureKind*> kinds;
  for (const FigureKind& kind : figure_kinds()) {
    if (std::any_of(results.rows.begin(), results.rows.end(),
                    [&](const SweepRow& row) { return row.figures.contains(kind.id); }))
      kinds.push_back(&kind);
  }
  return kinds;
}

Json to_json(const SweepRun& run) {
  Json json;
  json["seed"] = run.seed;
  json["folder"] = run.folder;
  json["state"] = name_of(run.state);
  if (!run.failure.empty()) json["failure"] = run.failure;
  json["figures"] = Json::object();
  for (const FigureKind& kind : figure_kinds()) {
    const auto found = run.figures.values.find(kind.id);
    if (found != run.figures.values.end()) json["figures"][kind.id] = found->second;
  }
  if (!run.figures.best_attacker.empty()) json["best_attacker"] = run.figures.best_attacker;
  return json;
}

Json to_json(const SweepRow& row, std::size_t number) {
  Json json;
  json["number"] = number;
  json["set"] = Json::object();
  for (const Variation& assignment : row.combination) json["set"][assignment.key] = assignment.value;
  json["pareto"] = row.pareto;
  json["figures"] = Json::object();
  for (const FigureKind& kind : figure_kinds()) {
    const auto found = row.figures.find(kind.id);
    if (found == row.figures.end()) continue;
    const Estimate& e = found->second;
    json["figures"][kind.id] = {{"runs", e.count}, {"mean", e.mean}};
    json["figures"][kind.id]["low"] = e.half_width ? Json(e.low()) : Json();
    json["figures"][kind.id]["high"] = e.half_width ? Json(e.high()) : Json();
  }
  json["runs"] = Json::array();
  for (const SweepRun& run : row.runs) json["runs"].push_back(to_json(run));
  return json;
}

}  // namespace

void summarize(SweepResults& results, const Baselines& baselines, bool audited) {
  results.forgetting = audited ? "best_attacker_mse" : "decoder_loss";
  for (std::size_t i = 0; i < results.rows.size(); ++i) {
    if (!baselines[i]) continue;
    std::vector<SweepRun>& others = results.rows[*baselines[i]].runs;
    for (std::size_t k = 0; k < results.rows[i].runs.size(); ++k) {
      fill_gaps(results.rows[i].runs[k], others[k]);
      fill_gaps(others[k], others[k]);  // nothing, as what others are measured by
    }
  }
  std::vector<std::pair<double, double>> points;
  std::vector<SweepRow*> of_point;
  for (SweepRow& row : results.rows) {
    fill_estimates(row);
    const auto accuracy = row.figures.find("test_accuracy");
    const auto forgetting = row.figures.find(results.forgetting);
    if (accuracy == row.figures.end() || forgetting == row.figures.end()) continue;
    points.emplace_back(accuracy->second.mean, forgetting->second.mean);
    of_point.push_back(&row);
  }
  const std::vector<bool> optimal = pareto_optimal(points);
  for (std::size_t i = 0; i < of_point.size(); ++i) of_point[i]->pareto = optimal[i];
}

std::vector<bool> pareto_optimal(const std::vector<std::pair<double, double>>& points) {
  std::vector<bool> optimal(points.size(), true);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (const auto& [x, y] : points) {
      const bool as_good = x >= points[i].first && y >= points[i].second;
      const bool better = x > points[i].first || y > points[i].second;
      if (as_good && better) optimal[i] = false;
    }
  }
  return optimal;
}

std::string format_estimate(const std::map<std::string, Estimate>& figures, const FigureKind& kind) {
  const auto found = figures.find(kind.id);
  if (found == figures.end()) return "–";
  const Estimate& e = found->second;
  const bool share = kind.form == FigureKind::Form::share;
  const double factor = share ? 100.0 : 1.0;
  const int decimals = share ? 2 : decimals_for(e.mean, e.half_width, factor);
  std::string text = fmt::format("{:.{}f}", e.mean * factor, decimals);
  if (e.half_width) text += fmt::format(" ± {:.{}f}", *e.half_width * factor, decimals);
  return text + (share ? " %" : "");
}

std::string table_text(const SweepResults& results) {
  using enum Table::Align;
  const std::vector<std::string> keys = keys_of(combinations_in(results));
  std::vector<Table::Column> columns = {{"#", right}};
  for (const std::string& key : keys) columns.push_back({key, right});
  columns.push_back({"runs", right});
  std::vector<const FigureKind*> kinds;
  for (const FigureKind* kind : kinds_in(results)) {
    if (kind->in_short_table) kinds.push_back(kind);
  }
  for (const FigureKind* kind : kinds) columns.push_back({kind->head, right});
  columns.push_back({"Pareto"});
  Table table(columns);
  for (std::size_t i = 0; i < results.rows.size(); ++i) {
    const SweepRow& row = results.rows[i];
    std::vector<std::string> cells = {std::to_string(i + 1)};
    for (const std::string& key : keys) {
      const std::string value = value_of(row.combination, key);
      cells.push_back(value.empty() ? "–" : value);
    }
    cells.push_back(finished(row) == row.runs.size()
                        ? std::to_string(row.runs.size())
                        : fmt::format("{} of {}", finished(row), row.runs.size()));
    for (const FigureKind* kind : kinds) cells.push_back(format_estimate(row.figures, *kind));
    cells.emplace_back(row.pareto ? "●" : "");
    table.add(std::move(cells));
  }
  return table.to_string();
}

std::string table_csv(const SweepResults& results) {
  const std::vector<std::string> keys = keys_of(combinations_in(results));
  const std::vector<const FigureKind*> kinds = kinds_in(results);
  std::string text = "number";
  for (const std::string& key : keys) text += "," + csv_field(key);
  text += ",runs,pareto";
  for (const FigureKind* kind : kinds) text += fmt::format(",{0},{0}_low,{0}_high", kind->id);
  text += "\n";
  for (std::size_t i = 0; i < results.rows.size(); ++i) {
    const SweepRow& row = results.rows[i];
    text += std::to_string(i + 1);
    for (const std::string& key : keys) text += "," + csv_field(value_of(row.combination, key));
    text += fmt::format(",{},{}", finished(row), row.pareto ? 1 : 0);
    for (const FigureKind* kind : kinds) {
      const auto found = row.figures.find(kind->id);
      if (found == row.figures.end()) {
        text += ",,,";
      } else if (const Estimate& e = found->second; e.half_width) {
        text += fmt::format(",{},{},{}", e.mean, e.low(), e.high());
      } else {
        text += fmt::format(",{},,", e.mean);
      }
    }
    text += "\n";
  }
  return text;
}

Json to_json(const SweepResults& results) {
  Json json = Json::array();
  for (std::size_t i = 0; i < results.rows.size(); ++i) json.push_back(to_json(results.rows[i], i + 1));
  return json;
}

SweepResults results_from_json(const Json& combinations, const std::string& forgetting) {
  SweepResults results;
  results.forgetting = forgetting;
  try {
    for (const Json& json : combinations) {
      SweepRow& row = results.rows.emplace_back();
      for (const auto& [key, value] : json.at("set").items())
        row.combination.push_back({key, value.get<std::string>()});
      row.pareto = json.at("pareto").get<bool>();
      for (const auto& [id, figure] : json.at("figures").items()) {
        Estimate& e = row.figures[id];
        e = {figure.at("runs").get<std::size_t>(), figure.at("mean").get<double>(), std::nullopt};
        if (figure.at("high").is_number()) e.half_width = figure.at("high").get<double>() - e.mean;
      }
      for (const Json& run : json.at("runs")) {
        const std::string state = run.at("state").get<std::string>();
        row.runs.push_back({run.at("seed").get<std::uint64_t>(), run.at("folder").get<std::string>(),
                            SweepRun::State::waiting, run.value("failure", "")});
        for (const auto known : {SweepRun::State::trained, SweepRun::State::done, SweepRun::State::failed}) {
          if (state == name_of(known)) row.runs.back().state = known;
        }
      }
    }
  } catch (const Json::exception& error) {
    throw DataError(std::string("The sweep's sweep.json can't be read: ") + error.what() + ".");
  }
  return results;
}

}  // namespace generalizer
