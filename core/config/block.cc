#include "config/block.h"

#include <algorithm>

#include "config/check.h"
#include "config/expectation.h"
#include "config/keys.h"
#include "config/quote.h"

namespace generalizer {
namespace {

using Kind = TomlNode::Kind;

class BlockReader {
 public:
  BlockReader(const TomlEntry& entry, Diagnostics& found)
      : entry_(entry), label_("the block " + quoted(entry.key)), found_(found) {
    block_.name = entry.key;
  }

  Block read() {
    if (!entry_.value.is(Kind::table)) {
      found_.add(entry_.value.where, label_ + " must be a table, found " + describe(entry_.value),
                 "write [blocks." + entry_.key + "]");
      return block_;
    }
    const std::size_t before = found_.size();
    refuse_others();
    read_defaults();
    read_required();
    read_layers();
    if (found_.size() > before) block_.layers = nullptr;  // whether its uses are right can't be told
    return std::move(block_);
  }

 private:
  static std::vector<ParameterSpec> keys() {
    return {required_parameter("layers", {}, ""), required_parameter("parameters", {}, ""), required_parameter("required", {}, "")};
  }

  void refuse_others() {
    for (const TomlEntry& key : entry_.value.entries) {
      if (find_key(keys(), key.key) != nullptr) continue;
      found_.add(key.where,
                 "unknown key " + quoted(key.key) + " in " + label_ + suggestion(key.key, {"layers", "parameters", "required"}),
                 "known keys: layers, parameters, required");
    }
  }

  void read_defaults() {
    const TomlEntry* parameters = entry_.value.find("parameters");
    if (parameters == nullptr || parameters->value.broken) return;
    if (!parameters->value.is(Kind::table)) {
      found_.add(parameters->value.where,
                 "\"parameters\" of " + label_ + " must be a table of defaults, found " + describe(parameters->value),
                 "such as parameters = { filters = 16 }");
      return;
    }
    for (const TomlEntry& parameter : parameters->value.entries) {
      if (add(parameter.key, parameter.where)) block_.defaults[parameter.key] = parameter.value;
    }
  }

  void read_required() {
    const TomlEntry* required = entry_.value.find("required");
    if (required == nullptr || required->value.broken) return;
    if (!required->value.is(Kind::list)) {
      refuse_required(required->value, "\"required\" of " + label_ + " must be a list of names");
      return;
    }
    for (const TomlNode& name : required->value.items) {
      if (name.broken) continue;
      if (!name.is(Kind::string)) {
        refuse_required(name, "a name in \"required\" of " + label_ + " must be a string");
      } else if (block_.has(name.string)) {
        found_.add(name.where,
                   label_ + " has the parameter " + quoted(name.string) +
                       (block_.defaults.contains(name.string) ? " with a default, and requires it" : " twice"),
                   "remove one of the two");
      } else {
        add(name.string, name.where);
      }
    }
  }

  void refuse_required(const TomlNode& node, const std::string& message) {
    found_.add(node.where, message + ", found " + describe(node), "such as required = [\"filters\"]");
  }

  /// False for a name that a use has a key for.
  bool add(const std::string& parameter, const SourcePosition& where) {
    if (parameter == "name" || parameter == "type" || parameter == "inputs") {
      found_.add(where, "a parameter of " + label_ + " can't be called " + quoted(parameter) + ", a key that every layer has",
                 "give the parameter another name");
      return false;
    }
    block_.parameters.push_back(parameter);
    return true;
  }

  void read_layers() {
    const TomlEntry* layers = entry_.value.find("layers");
    if (layers != nullptr && layers->value.is_list_of_tables() && !layers->value.items.empty()) {
      block_.layers = &layers->value;
      return;
    }
    if (layers != nullptr && layers->value.broken) return;
    if (layers == nullptr && looks_misspelt(entry_.value, "layers", keys())) return;
    found_.add(layers == nullptr ? entry_.where : layers->value.where,
               "\"layers\" of " + label_ + " must be a list of at least one layer",
               "such as layers = [ { type = \"conv2d\", filters = \"$filters\", kernel = 3 } ]");
  }

  const TomlEntry& entry_;
  std::string label_;
  Diagnostics& found_;
  Block block_;
};

}  // namespace

bool Block::has(const std::string& parameter) const {
  return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
}

std::map<std::string, Block> read_blocks(const TomlNode& table, const Registry& registry, Diagnostics& found) {
  std::map<std::string, Block> blocks;
  for (const TomlEntry& entry : table.entries) {
    if (registry.find_layer(entry.key) != nullptr) {
      found.add(entry.where, "the block " + quoted(entry.key) + " is called like a layer type", "give the block another name");
    } else {
      blocks.emplace(entry.key, BlockReader(entry, found).read());
    }
  }
  return blocks;
}

std::string listed_in_quotes(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return text.empty() ? "none" : text;
}

}  // namespace generalizer
