#include "sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>

#include "sweep/children.h"
#include "sweep/run_state.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

using Clock = std::chrono::steady_clock;

enum class Stage : bool { training, audit };

const char* name_of(Stage stage) { return stage == Stage::training ? "training" : "audit"; }

std::string folder_name(std::size_t row, const Combination& combination, std::uint64_t seed) {
  const std::string slug = slug_of(combination);
  return fmt::format("runs/{:02}-{}{}seed-{}", row + 1, slug, slug.empty() ? "" : "-", seed);
}

/// Every run of the plan, with nothing known of it yet.
SweepResults rows_of(const SweepPlan& plan, const std::vector<GraphSpec>& specs) {
  SweepResults results;
  const std::vector<Combination> combinations = plan.combinations();
  for (std::size_t row = 0; row < combinations.size(); ++row) {
    results.rows.push_back({combinations[row], {}});
    for (std::int64_t i = 0; i < plan.seeds; ++i) {
      const std::uint64_t seed = specs[row].seed + static_cast<std::uint64_t>(i);
      results.rows[row].runs.push_back({seed, folder_name(row, combinations[row], seed)});
    }
  }
  return results;
}

void look_at(SweepRun& run, const RunFiles& files, bool audit) {
  run.failure = files.failure();
  const nlohmann::ordered_json training = files.training();
  if (!run.failure.empty()) run.state = SweepRun::State::failed;
  if (!training.is_object()) return;
  const nlohmann::ordered_json audited = audit ? files.audited() : nullptr;
  if (run.failure.empty())
    run.state = !audit || audited.is_object() ? SweepRun::State::done : SweepRun::State::trained;
  if (run.state == SweepRun::State::done) run.figures = figures_of(files.folder(), training, audited);
}

/// Brings the runs of a sweep to their end, some at a time.
class Sweeper {
 public:
  Sweeper(const SweepFolder& folder, const SweepPlan& plan, const std::vector<GraphSpec>& specs,
          const Baselines& baselines, const SweepWork& work, const Terminal& terminal)
      : folder_(folder),
        plan_(plan),
        specs_(specs),
        baselines_(baselines),
        work_(work),
        terminal_(terminal),
        rows_(rows_of(plan, specs).rows),
        children_(work.jobs) {
    list_runs();
  }

  SweepEnd run() {
    announce();
    while (true) {
      if (!stopping_ && work_.stop_requested()) {
        stopping_ = true;
        children_.interrupt();
      }
      if (!stopping_ && (changed_ || Clock::now() - looked_ > std::chrono::seconds(1))) start_all();
      if (children_.empty() && (stopping_ || nothing_left())) break;
      if (children_.empty()) note_others();
      changed_ = children_.wait();
    }
    const SweepLock lock(folder_.path());
    SweepEnd end{gather(folder_, plan_, specs_, baselines_), stopping_, 0};
    folder_.write(plan_, end.results);
    for (const Item& item : items_) end.failed += item.failed ? 1 : 0;
    return end;
  }

 private:
  struct Item {
    std::size_t row = 0;
    std::size_t seed = 0;  ///< index into the row's runs
    RunFiles files;
    bool audit = false;                        ///< wanted
    std::optional<std::size_t> baseline = {};  ///< index into the items
    bool trained = false, audited = false;
    bool failed = false;  ///< in this try; not tried again
    std::optional<RunClaim> claim = {};

    bool busy() const { return claim.has_value(); }
    bool done() const { return trained && (!audit || audited); }
  };

  /// Seed by seed, so that a table of one seed is there early; the baselines of each first, as others wait for them.
  void list_runs() {
    std::vector<std::size_t> order;
    const auto is_baseline = [&](std::size_t row) {
      return std::find(baselines_.begin(), baselines_.end(), row) != baselines_.end();
    };
    const auto needed = [&](std::size_t row) {
      return !work_.only || row == *work_.only || (plan_.audit && baselines_[*work_.only] == row);
    };
    for (const bool baseline : {true, false}) {
      for (std::size_t row = 0; row < rows_.size(); ++row) {
        if (needed(row) && is_baseline(row) == baseline) order.push_back(row);
      }
    }
    for (std::size_t seed = 0; seed < static_cast<std::size_t>(plan_.seeds); ++seed) {
      for (const std::size_t row : order) {
        const bool audit = plan_.audit && (!work_.only || row == *work_.only);
        items_.push_back({row, seed, RunFiles(folder_.path() / rows_[row].runs[seed].folder), audit});
      }
    }
    for (Item& item : items_) {
      if (!item.audit || !baselines_[item.row]) continue;
      const auto found = std::find_if(items_.begin(), items_.end(), [&](const Item& other) {
        return other.row == *baselines_[item.row] && other.seed == item.seed;
      });
      item.baseline = static_cast<std::size_t>(found - items_.begin());
    }
  }

  void announce() {
    for (Item& item : items_) look(item);
    const std::size_t done = done_count();
    const std::size_t shown_rows = work_.only ? 1 : rows_.size();
    terminal_.note(
        fmt::format("{} {} × {} {}, {} at a time with {} {} each, in {}{}", shown_rows,
                    shown_rows == 1 ? "combination" : "combinations", plan_.seeds,
                    plan_.seeds == 1 ? "seed" : "seeds", work_.jobs, children_.threads_each(),
                    children_.threads_each() == 1 ? "thread" : "threads", folder_.path().string(),
                    done == 0 ? "." : fmt::format("; {} of {} runs are done already.", done, items_.size())));
  }

  void look(Item& item) const {
    if (!item.trained) item.trained = item.files.trained();
    if (item.trained && item.audit && !item.audited) item.audited = item.files.audited().is_object();
  }

  std::size_t done_count() const {
    return static_cast<std::size_t>(
        std::count_if(items_.begin(), items_.end(), [](const Item& item) { return item.done(); }));
  }

  bool nothing_left() const {
    return std::all_of(items_.begin(), items_.end(),
                       [](const Item& item) { return item.done() || item.failed; });
  }

  bool wants(const Item& item, Stage stage) const {
    if (item.busy() || item.failed) return false;
    if (stage == Stage::training) return !item.trained;
    if (!item.audit || !item.trained || item.audited) return false;
    // What attackers found on the baseline is not found twice: its own audit comes first.
    return !compared_ || !item.baseline || items_[*item.baseline].done() || items_[*item.baseline].failed;
  }

  void start_all() {
    looked_ = Clock::now();
    while (children_.has_room() && start_next()) {
    }
  }

  /// Starts what can be started; audits first, so that runs are finished one after the other. False when there is nothing, or others are at it.
  bool start_next() {
    for (Item& item : items_) {
      if (!item.busy() && !item.failed && !item.done()) look(item);
    }
    for (const Stage stage : {Stage::audit, Stage::training}) {
      for (Item& item : items_) {
        if (!wants(item, stage)) continue;
        RunClaim claim(item.files);
        if (!claim.held()) continue;
        look(item);  // another process may just have done it
        if (!wants(item, stage)) continue;
        item.claim.emplace(std::move(claim));
        start(item, stage);
        return true;
      }
    }
    return false;
  }

  std::string label(const Item& item) const {
    return fmt::format("{}, seed {}", label_of(rows_[item.row].combination),
                       rows_[item.row].runs[item.seed].seed);
  }

  void start(Item& item, Stage stage) {
    std::ofstream(item.files.log(), std::ios::app) << "== " << name_of(stage) << " ==\n";
    item.files.clear_failure();  // what failed before is tried again
    if (stage == Stage::training) item.files.clear_unbegun();
    const ChildCommand command{stage == Stage::training ? training_words(item) : audit_words(item),
                               plan_.folder, item.files.out(), item.files.log(), item.claim->descriptor()};
    children_.start(command, [this, &item, stage, begin = Clock::now()](int code) {
      ended(item, stage, code, std::chrono::duration<double>(Clock::now() - begin).count());
    });
  }

  std::vector<std::string> training_words(const Item& item) const {
    std::vector<std::string> words = {work_.program, "train"};
    if (item.files.begun()) {
      words.insert(words.end(), {"--resume", item.files.folder().string()});
    } else {
      words.push_back(plan_.graph);
      for (const std::string& set : plan_.sets) words.insert(words.end(), {"--set", set});
      for (const Variation& assignment : rows_[item.row].combination)
        words.insert(words.end(), {"--set", assignment.text()});
      words.insert(words.end(), {"--set", fmt::format("seed={}", rows_[item.row].runs[item.seed].seed),
                                 "--out", item.files.folder().string()});
      if (!plan_.backend.empty()) words.insert(words.end(), {"--backend", plan_.backend});
    }
    return with_plugin_paths(std::move(words));
  }

  std::vector<std::string> audit_words(const Item& item) const {
    std::vector<std::string> words = {work_.program, "audit", item.files.folder().string()};
    if (compared_ && item.baseline && items_[*item.baseline].trained)
      words.insert(words.end(), {"--baseline", items_[*item.baseline].files.folder().string()});
    words.insert(words.end(), plan_.audit_arguments.begin(), plan_.audit_arguments.end());
    return with_plugin_paths(std::move(words));
  }

  std::vector<std::string> with_plugin_paths(std::vector<std::string> words) const {
    for (const std::string& path : plan_.plugin_paths) words.insert(words.end(), {"--plugin-path", path});
    words.emplace_back("--json");
    return words;
  }

  void ended(Item& item, Stage stage, int code, double seconds) {
    const bool stopped = code == 130 || code == 128 + SIGINT || code == 128 + SIGTERM;
    if (code == 0) {
      keep(item, stage, seconds);
    } else if (!(stopping_ && stopped)) {
      item.files.note_failure(name_of(stage), code);
      fail(item, item.files.failure());
    }
    item.claim.reset();
    const SweepLock lock(folder_.path());
    folder_.write(plan_, gather(folder_, plan_, specs_, baselines_));
  }

  void keep(Item& item, Stage stage, double seconds) {
    try {
      stage == Stage::training ? item.files.note_trained() : item.files.note_audited();
    } catch (const DataError& error) {
      return fail(item, error.what());
    }
    look(item);
    const RunFigures figures = figures_of(item.files.folder(), item.files.training(), item.files.audited());
    const auto figure = [&](const char* id) {
      const auto found = figures.values.find(id);
      return found == figures.values.end() ? std::nullopt : std::optional(found->second);
    };
    const std::string what =
        stage == Stage::training
            ? fmt::format("trained in {}, test accuracy {}", format_duration(seconds),
                          format_share(figure("test_accuracy")))
            : fmt::format("audited in {}, best attacker {} with mse {}", format_duration(seconds),
                          figures.best_attacker, format_figure(figure("best_attacker_mse")));
    terminal_.note(fmt::format("[{}/{}] {}: {}", done_count(), items_.size(), label(item), what));
  }

  void fail(Item& item, const std::string& why) {
    item.failed = true;
    terminal_.error(fmt::format("{}: {} All that it said: {}", label(item), why, item.files.log().string()));
  }

  void note_others() {
    if (noted_others_) return;
    noted_others_ = true;
    terminal_.note("What is left is being worked on by other processes; waiting for them.");
  }

  const SweepFolder& folder_;
  const SweepPlan& plan_;
  const std::vector<GraphSpec>& specs_;
  const Baselines& baselines_;
  const SweepWork& work_;
  const Terminal& terminal_;
  const std::vector<SweepRow> rows_;
  /// Whether audits get a baseline. With --no-baseline among their options the gap is measured from the baseline's own audit, and nothing is attacked twice.
  const bool compared_ = std::find(plan_.audit_arguments.begin(), plan_.audit_arguments.end(),
                                   "--no-baseline") == plan_.audit_arguments.end();
  std::vector<Item> items_;
  Children children_;
  bool stopping_ = false;
  bool changed_ = true;
  bool noted_others_ = false;
  Clock::time_point looked_;
};

}  // namespace

SweepResults gather(const SweepFolder& folder, const SweepPlan& plan, const std::vector<GraphSpec>& specs,
                    const Baselines& baselines) {
  SweepResults results = rows_of(plan, specs);
  for (SweepRow& row : results.rows) {
    for (SweepRun& run : row.runs) look_at(run, RunFiles(folder.path() / run.folder), plan.audit);
  }
  summarize(results, baselines, plan.audit);
  return results;
}

SweepEnd run_sweep(const SweepFolder& folder, const SweepPlan& plan, const std::vector<GraphSpec>& specs,
                   const Baselines& baselines, const SweepWork& work, const Terminal& terminal) {
  return Sweeper(folder, plan, specs, baselines, work, terminal).run();
}

}  // namespace generalizer
