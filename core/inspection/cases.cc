#include "config/check.h"
#include "config/graph_spec.h"
#include "config/keys.h"
#include "config/quote.h"
#include "config/typed.h"
#include "inspection/use.h"

namespace generalizer {
namespace {

const std::vector<ParameterSpec>& case_keys() {
  static const std::vector<ParameterSpec> keys = {
      required_parameter("layer", {ParameterType::table}, "The layer as in a graph file, with its type and keys."),
      required_parameter("inputs", {ParameterType::tables}, "The shapes of its inputs without the batch: [[3, 32, 32]].")};
  return keys;
}

/// `[[3, 32, 32]]`: one shape an input.
std::vector<Shape> shapes_of(const TomlNode& node, const TableContext& context) {
  std::vector<Shape> shapes;
  const auto refuse = [&](const TomlNode& at, const std::string& expected) {
    context.found.add(at.where, "\"inputs\" in " + context.name + " must be " + expected + ", found " + describe(at),
                      "a list of shapes without the batch, one an input: inputs = [[3, 32, 32]]");
  };
  if (!node.is(TomlNode::Kind::list) || node.items.empty()) {
    refuse(node, "a list of shapes");
    return shapes;
  }
  for (const TomlNode& shape : node.items) {
    if (!shape.is(TomlNode::Kind::list) || shape.items.empty()) {
      refuse(shape, "a list of shapes, each a list of integers");
      continue;
    }
    std::vector<std::int64_t> extents;
    for (const TomlNode& extent : shape.items) {
      const bool fits = extent.is(TomlNode::Kind::integer) && extent.integer >= 1;
      if (!fits) refuse(extent, "lists of integers of at least 1");
      extents.push_back(fits ? extent.integer : 1);
    }
    shapes.emplace_back(extents);
  }
  return shapes;
}

void read_layer(const TomlNode& layer, const TableContext& context, const Registry& registry, WrittenCase& written) {
  if (!layer.is(TomlNode::Kind::table)) {
    context.found.add(layer.where, "\"layer\" in " + context.name + " must be a table, found " + describe(layer),
                      "as in a graph file: layer = { type = \"dense\", units = 10 }");
    return;
  }
  const auto type = read_type_name(layer, TypeKind::layer, context.name, registry, context.found);
  if (!type) return;
  const auto* specs = find_type(TypeKind::layer, type->text, type->where, context.name, registry, context.found);
  if (specs == nullptr) return;
  written.layer = type->text;
  written.table = layer;
  for (const ParameterSpec& common : layer_keys()) erase_key(written.table, common.name);  // a layer copied from a graph has a name, too
  written.parameters = read_table(written.table, *specs, context.inside(context.name + " (" + type->text + ")"));
}

}  // namespace

std::vector<WrittenCase> read_cases(const std::string& path, const Registry& registry) {
  const GraphSource source = read_source(path);
  const TomlNode root = parse_document(source.text, source.name);
  Diagnostics found;
  const Folders folders{source.folder, {}};
  const TableContext file{"the cases", folders, found};
  std::vector<WrittenCase> cases;
  const TomlEntry* list = root.find("case");
  for (const TomlEntry& entry : root.entries) {
    if (entry.key != "case")
      found.add(entry.where, "the cases have no key " + quoted(entry.key), "write each case as [[case]]");
  }
  if (list == nullptr || !list->value.is_list_of_tables()) {
    found.add(list == nullptr ? root.where : list->value.where, "a file of cases needs tables [[case]]",
              "such as\n[[case]]\nlayer  = { type = \"dense\", units = 10 }\ninputs = [[64]]");
  } else {
    for (const TomlNode& node : list->value.items) {
      const TableContext context = file.inside("case " + std::to_string(cases.size() + 1));
      refuse_unknown_keys(node, case_keys(), context);
      WrittenCase& written = cases.emplace_back();
      for (const ParameterSpec& key : case_keys()) {
        const TomlEntry* entry = node.find(key.name);
        if (entry == nullptr) {
          if (!is_there_misspelt(node, key.name, case_keys(), context))
            found.add(node.where, quoted(key.name) + " is missing in " + context.name, key.help);
        } else if (key.name == "layer") {
          read_layer(entry->value, context, registry, written);
        } else {
          written.inputs = shapes_of(entry->value, context);
        }
      }
    }
  }
  found.throw_if_any(source.name);
  return cases;
}

}  // namespace generalizer
