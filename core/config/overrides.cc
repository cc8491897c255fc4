#include "config/overrides.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "config/environment.h"
#include "config/expectation.h"
#include "config/keys.h"
#include "config/names.h"
#include "config/quote.h"

namespace generalizer {
namespace {

/// One part of a key path, and its place in the override's text.
struct Step {
  std::string key;
  SourcePosition where;
};

/// An override taken apart.
struct Assigned {
  std::vector<Step> path;
  TomlNode value;
};

/// Characters, as columns count them: UTF-8's continuation bytes are none.
int columns(const std::string& text) {
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string::npos ? std::string()
                                    : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The place of column `column` of the override: in the file's string, behind its quote, or on the command line.
SourcePosition place_at(const SetText& override, int column) {
  const SourcePosition& string = override.where;
  if (string.known()) return {string.file, string.line, string.column + column, string.text};
  return {"--set " + override.text, 1, column, override.text};
}

SourcePosition place_in(const SetText& override, std::size_t byte) {
  return place_at(override, columns(override.text.substr(0, byte)) + 1);
}

/// What messages call it.
std::string called(const SetText& override) {
  return override.where.known() ? quoted(override.text) + " in \"set\"" : "--set " + override.text;
}

/// Moves every position under `node` from the text that was parsed to the override's.
void relocate(TomlNode& node, const SetText& override) {
  node.where = place_at(override, node.where.column);
  for (TomlNode& item : node.items) relocate(item, override);
  for (TomlEntry& entry : node.entries) {
    entry.where = place_at(override, entry.where.column);
    relocate(entry.value, override);
  }
}

/// The value behind the `=` at `equals`: TOML, or else a bare word.
TomlNode read_value(const SetText& override, std::size_t equals) {
  const std::string written = trimmed(override.text.substr(equals + 1));
  const std::size_t begin = override.text.find_first_not_of(" \t", equals + 1);
  if (written.empty()) {
    throw GraphError(place_in(override, equals), "nothing stands behind the = of " + called(override),
                     "write KEY=VALUE; an empty text is KEY='\"\"'");
  }
  // A key as long as what stands before the value, so that columns are those of the override.
  const std::string text =
      std::string(static_cast<std::size_t>(columns(override.text.substr(0, equals))), 'k') +
      override.text.substr(equals);
  const bool integer =
      written.find_first_not_of("0123456789_", written.find_first_of("+-") == 0 ? 1 : 0) == std::string::npos;
  const bool only_toml = integer || std::string("[{\"'").find(written[0]) != std::string::npos;
  try {
    TomlNode root = parse_document(text, "--set");
    if (root.entries.size() == 1) {
      relocate(root, override);
      return root.entries[0].value;
    }
  } catch (const GraphError& error) {
    if (only_toml) {
      Diagnostic diagnostic = error.diagnostics().front();
      diagnostic.where = place_at(override, diagnostic.where.column);
      throw GraphError({diagnostic});
    }
  }
  TomlNode word;
  word.kind = TomlNode::Kind::string;
  word.string = written;
  word.where = place_in(override, begin);
  return word;
}

/// Throws `GraphError` when the override is no KEY=VALUE.
Assigned take_apart(const SetText& override) {
  const std::size_t equals = override.text.find('=');
  if (equals == std::string::npos) {
    throw GraphError(place_in(override, 0),
                     (override.where.known() ? "\"set\"" : "--set") + std::string(" wants KEY=VALUE, found ") +
                         quoted(override.text),
                     "such as train.epochs=2");
  }
  Assigned assigned;
  for (std::size_t begin = 0; begin <= equals;) {
    const std::size_t end = std::min(override.text.find('.', begin), equals);
    const std::string key = trimmed(override.text.substr(begin, end - begin));
    const SourcePosition where = place_in(override, begin);
    if (key.empty()) {
      throw GraphError(where, "a key is missing in " + called(override),
                       "write the keys that lead to the value with a point between them: train.epochs=2");
    }
    assigned.path.push_back({key, where});
    begin = end + 1;
  }
  assigned.value = read_value(override, equals);
  return assigned;
}

std::optional<std::size_t> as_index(const std::string& text) {
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return index;
}

/// Walks down the tree along an override's path.
class Descent {
 public:
  Descent(TomlNode& root, Assigned assigned, Diagnostics& found)
      : at_(&root), assigned_(std::move(assigned)), found_(found) {}

  void run() {
    for (std::size_t i = 0; i < assigned_.path.size(); ++i) {
      const Step& step = assigned_.path[i];
      const bool last = i + 1 == assigned_.path.size();
      if (at_->is(TomlNode::Kind::list)) {
        TomlNode* element = find_element(step, last);
        if (element == nullptr) return;
        const bool named = element_is_named_;
        at_ = element;
        if (named && last) *at_ = assigned_.value;
        if (named) {
          trail_ += "." + step.key;
          continue;
        }
      }
      if (!enter(step, last)) return;
      trail_ += (trail_.empty() ? "" : ".") + step.key;
    }
  }

 private:
  const char* element_noun() const {
    return key_ == "decoder" ? "decoder" : key_ == "layers" ? "layer" : "element";
  }

  std::vector<std::string> element_names() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < at_->items.size(); ++i) {
      names.push_back(!at_->is_list_of_tables() ? std::to_string(i)
                      : key_ == "decoder"       ? decoder_name(*at_, i)
                      : key_ == "layers"        ? layer_name(*at_, i)
                                                : std::to_string(i));
    }
    return names;
  }

  /// The element that the step names, or the only one, whose key the step then is (`element_is_named_` tells which).
  TomlNode* find_element(const Step& step, bool last) {
    const std::vector<std::string> names = element_names();
    const auto named = std::find(names.begin(), names.end(), step.key);
    std::size_t index = as_index(step.key).value_or(names.size());
    if (named != names.end()) index = static_cast<std::size_t>(named - names.begin());
    element_is_named_ = index < names.size();
    if (element_is_named_) return &at_->items[index];
    const bool only = at_->items.size() == 1 && at_->is_list_of_tables() && !as_index(step.key);
    if (only && (last || is_key_of_element(step.key))) return &at_->items[0];

    if (names.empty()) {
      found_.add(step.where,
                 quoted(trail_) + " is an empty list, so there is no " + quoted(step.key) + " in it",
                 "add a " + std::string(element_noun()) + " to the graph file");
      return nullptr;
    }
    const std::string noun = element_noun();
    found_.add(step.where,
               "there is no " + noun + " " + quoted(step.key) + " in " + quoted(trail_) +
                   suggestion(step.key, names),
               noun + "s there: " + listed(names));
    return nullptr;
  }

  bool is_key_of_element(const std::string& key) const {
    return at_->items[0].find(key) != nullptr ||
           (key_ == "decoder" && find_key(decoder_keys(), key) != nullptr);
  }

  /// Goes to the table's key, or gives it the value when it is the last one. False when there is no way, which is reported.
  bool enter(const Step& step, bool last) {
    if (at_->is(TomlNode::Kind::string) && chooses_type_here_) spell_out_type();
    if (!at_->is(TomlNode::Kind::table)) {
      found_.add(step.where,
                 quoted(trail_) + " is " + describe(*at_) + ", which has no key " + quoted(step.key),
                 "end the path at " + trail_);
      return false;
    }
    const ParameterSpec* spec = spec_of(step.key);
    TomlEntry* entry = at_->find(step.key);
    if (entry == nullptr) {
      at_->entries.push_back({step.key, step.where, missing_value(step, spec)});
      entry = &at_->entries.back();
    }
    if (last) entry->value = assigned_.value;
    if (last) drop_alternative(*at_, step.key);
    at_ = &at_->find(step.key)->value;
    key_ = step.key;
    chooses_type_here_ = spec != nullptr && chooses_type(*spec);
    return true;
  }

  /// What stands under a key that the file leaves out: its default, when that is a type's name, or else an empty table or list.
  static TomlNode missing_value(const Step& step, const ParameterSpec* spec) {
    TomlNode node;
    node.where = step.where;
    if (spec != nullptr && chooses_type(*spec) && spec->default_value) {
      node.kind = TomlNode::Kind::string;
      node.string = std::get<std::string>(*spec->default_value);
    } else if (spec != nullptr && spec->types.front() == ParameterType::tables) {
      node.kind = TomlNode::Kind::list;
    }
    return node;
  }

  /// "adam" → { type = "adam" }
  void spell_out_type() {
    const TomlNode type = *at_;
    *at_ = TomlNode{};
    at_->where = type.where;
    at_->entries.push_back({"type", type.where, type});
  }

  /// The declaration of a key of the table at hand, when that is one of the graph file's own.
  const ParameterSpec* spec_of(const std::string& key) const {
    if (trail_.empty()) return find_key(graph_keys(), key);
    const std::string table = assigned_.path[0].key;
    if (trail_ == "classifier") return find_key(classifier_keys(), key);
    if (key_ == "optimizer") return find_key(optimizer_keys(), key);
    const bool in_decoder = table == "decoder" && (key_ == "decoder");
    return in_decoder ? find_key(decoder_keys(), key) : nullptr;
  }

  TomlNode* at_;
  Assigned assigned_;
  Diagnostics& found_;
  std::string trail_;  ///< the path so far
  std::string key_;    ///< its last key, without elements of lists
  bool chooses_type_here_ = false;
  bool element_is_named_ = false;
};

}  // namespace

std::string first_key(const Override& override) {
  return trimmed(override.text.substr(0, override.text.find_first_of(".=")));
}

void apply_override(TomlNode& root, const Override& override, Diagnostics& found) {
  apply_set(root, {override.text, {}}, found);
}

void apply_set(TomlNode& root, const SetText& override, Diagnostics& found) {
  try {
    Assigned assigned = take_apart(override);
    expand_environment(assigned.value, found);
    Descent(root, std::move(assigned), found).run();
  } catch (const GraphError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics())
      found.add(diagnostic.where, diagnostic.message, diagnostic.hint);
  }
}

}  // namespace generalizer
