#include "config/monitors.h"

#include <algorithm>

#include "config/expectation.h"
#include "config/quote.h"

namespace generalizer {
namespace {

const std::vector<std::string> kSets = {"train", "validation", "test"};

/// The node that the keys lead to; null when one of them is absent or no table.
const TomlNode* follow(const TomlNode& from, const std::vector<std::string>& keys) {
  const TomlNode* at = &from;
  for (const std::string& key : keys) {
    const TomlEntry* entry = at->is(TomlNode::Kind::table) ? at->find(key) : nullptr;
    if (entry == nullptr) return nullptr;
    at = &entry->value;
  }
  return at;
}

class Resolver {
 public:
  Resolver(const GraphSpec& graph, Diagnostics& found) : graph_(graph), found_(found) {
    // Of a wrong [data] nobody knows whether it was to keep images for validation.
    validates_ = graph.data.validation > 0 || !graph.data.sound;
    if (graph.classifier.loss) figures_ = {"accuracy", "loss"};
    for (const DecoderSpec& decoder : graph.decoders) figures_.push_back(decoder.name.text);
  }

  bool validates() const { return validates_; }

  /// A figure that the file names.
  void check(const std::string& monitor, const std::string& label, const SourcePosition& where) const {
    const std::size_t slash = monitor.find('/');
    const std::string set = monitor.substr(0, slash);
    if (slash == std::string::npos) {
      found_.add(where, label + " must be SET/FIGURE, found " + quoted(monitor), whole_hint(monitor));
      return;
    }
    if (std::find(kSets.begin(), kSets.end(), set) == kSets.end()) {
      found_.add(where, label + " names the unknown set " + quoted(set) + suggestion(set, kSets),
                 "known sets: " + listed(kSets));
      return;
    }
    if (set == "validation" && !validates_) refuse_validation(monitor, label, where);
    const std::string figure = monitor.substr(slash + 1);
    if (std::find(figures_.begin(), figures_.end(), figure) != figures_.end()) return;
    if (!graph_.decoders_known) return;
    if (figure == "accuracy" || figure == "loss") {
      found_.add(where, label + " is " + quoted(monitor) + ", and the classifier has no loss",
                 figures_.empty() ? "give [classifier] a loss" : figures_hint(set));
      return;
    }
    found_.add(where, label + " names the unknown figure " + quoted(figure) + suggestion(figure, figures_),
               figures_hint(set));
  }

  void refuse_validation(const std::string& monitor, const std::string& label, const SourcePosition& where) const {
    found_.add(where, label + " is " + quoted(monitor) + ", and no images are kept for validation",
               "keep some of the training images: validation = 0.1 under [data]; or name a figure of train or test");
  }

  /// What an absent monitor is: the player's own loss; "" when none can be told.
  std::string figure_of_classifier() const {
    if (graph_.classifier.loss) return "loss";
    return graph_.decoders.size() == 1 ? graph_.decoders.front().name.text : std::string();
  }

  void refuse_absent(const std::string& label, const SourcePosition& where) const {
    found_.add(where, label + " is missing, and without a loss of the classifier there are several figures or none to choose from",
               figures_.empty() ? "give [classifier] a loss" : figures_hint("train"));
  }

 private:
  std::string figures_hint(const std::string& set) const {
    std::vector<std::string> words;
    for (const std::string& figure : figures_) words.push_back(set + "/" + figure);
    return "known figures: " + listed(words);
  }

  std::string whole_hint(const std::string& word) const {
    const std::string set = validates_ ? "validation" : "test";
    const std::string near = meant(word, figures_);
    if (!near.empty()) return "write " + quoted(set + "/" + near);
    return figures_.empty() ? "SET is train, validation or test" : figures_hint(set);
  }

  const GraphSpec& graph_;
  Diagnostics& found_;
  bool validates_ = false;
  std::vector<std::string> figures_;
};

/// `node` is the schedule's table, or null; `figure` what an absent monitor is.
void resolve_plateau(ScheduleSpec& schedule, const TomlNode* node, const std::string& whose, const std::string& figure,
                     const Resolver& resolver) {
  if (schedule.kind != ScheduleSpec::Kind::reduce_on_plateau) return;
  const TomlNode* given = node == nullptr ? nullptr : follow(*node, {"monitor"});
  const std::string label = "\"monitor\" in the schedule of " + whose;
  if (!schedule.monitor.empty() || given != nullptr) {
    if (given != nullptr && given->is(TomlNode::Kind::string)) resolver.check(schedule.monitor, label, given->where);
  } else if (!figure.empty()) {
    schedule.monitor = (resolver.validates() ? "validation/" : "train/") + figure;
  } else if (node != nullptr) {
    resolver.refuse_absent(label, node->where);
  }
}

void resolve_early_stopping(EarlyStoppingSpec& stopping, const TomlNode& root, const Resolver& resolver) {
  const TomlNode* table = follow(root, {"train", "early_stopping"});
  const TomlNode* given = follow(root, {"train", "early_stopping", "monitor"});
  const std::string label = "\"monitor\" in \"early_stopping\" in [train]";
  if (given != nullptr) {
    if (given->is(TomlNode::Kind::string)) resolver.check(stopping.monitor, label, given->where);
    return;
  }
  const std::string figure = resolver.figure_of_classifier();
  if (figure.empty()) {
    resolver.refuse_absent(label, table->where);
    return;
  }
  stopping.monitor = "validation/" + figure;
  if (!resolver.validates()) resolver.refuse_validation(stopping.monitor, label + " by default", table->where);
}

}  // namespace

void resolve_monitors(GraphSpec& graph, const TomlNode& root, Diagnostics& found) {
  const Resolver resolver(graph, found);
  const TomlNode* best_by = follow(root, {"train", "best_by"});
  if (best_by != nullptr && best_by->is(TomlNode::Kind::string))
    resolver.check(graph.train.best_by, "\"best_by\" in [train]", best_by->where);
  if (graph.train.early_stopping) resolve_early_stopping(*graph.train.early_stopping, root, resolver);
  resolve_plateau(graph.classifier.optimizer.schedule, follow(root, {"classifier", "optimizer", "schedule"}), "[classifier]",
                  resolver.figure_of_classifier(), resolver);
  const TomlNode* decoders = follow(root, {"decoder"});
  for (std::size_t i = 0; i < graph.decoders.size(); ++i) {
    DecoderSpec& decoder = graph.decoders[i];
    const TomlNode* node = decoders == nullptr ? nullptr : &decoders->items[i];
    const std::string whose = "decoder " + quoted(decoder.name.text);
    const auto in = [&](const std::vector<std::string>& keys) { return node == nullptr ? nullptr : follow(*node, keys); };
    resolve_plateau(decoder.optimizer.schedule, in({"optimizer", "schedule"}), whose, decoder.name.text, resolver);
    // A weight falls where the classifier gets no further under it.
    resolve_plateau(decoder.schedule, in({"schedule"}), "the weight of " + whose, resolver.figure_of_classifier(), resolver);
  }
}

}  // namespace generalizer
