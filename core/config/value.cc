#include "config/value.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "config/expectation.h"
#include "config/quote.h"

namespace generalizer {
namespace {

using Type = ParameterType;

bool allows(const ParameterSpec& spec, Type type) {
  return std::find(spec.types.begin(), spec.types.end(), type) != spec.types.end();
}

bool is_list(Type type) {
  return type == Type::integers || type == Type::numbers || type == Type::strings || type == Type::tables;
}

const char* describe_item(Type list) {
  switch (list) {
    case Type::integers:
      return describe(Type::integer);
    case Type::numbers:
      return describe(Type::number);
    case Type::strings:
      return describe(Type::string);
    default:
      return describe(Type::table);
  }
}

bool is_numeric(const TomlNode& node) {
  return node.is(TomlNode::Kind::integer) || node.is(TomlNode::Kind::number);
}

double as_number(const TomlNode& node) {
  return node.is(TomlNode::Kind::integer) ? static_cast<double>(node.integer) : node.number;
}

bool fits(const TomlNode& item, Type list) {
  switch (list) {
    case Type::integers:
      return item.is(TomlNode::Kind::integer);
    case Type::numbers:
      return is_numeric(item);
    case Type::strings:
      return item.is(TomlNode::Kind::string);
    case Type::tables:
      return item.is(TomlNode::Kind::table);
    default:
      return false;
  }
}

/// Reads the value of one key. Every `read_…` gives nothing when it has reported a mistake.
class ValueReader {
 public:
  ValueReader(const ParameterSpec& spec, const TableContext& context) : spec_(spec), context_(context) {}

  std::optional<ParameterValue> read(const TomlNode& node) const {
    if (node.broken) return std::nullopt;
    switch (node.kind) {
      case TomlNode::Kind::boolean:
        if (allows(spec_, Type::boolean)) return node.boolean;
        break;
      case TomlNode::Kind::integer:
        if (allows(spec_, Type::integer) && in_range(node, static_cast<double>(node.integer), label()))
          return node.integer;
        if (allows(spec_, Type::integer)) return std::nullopt;
        if (allows(spec_, Type::number)) return read_number(node, static_cast<double>(node.integer));
        break;
      case TomlNode::Kind::number:
        if (allows(spec_, Type::number)) return read_number(node, node.number);
        break;
      case TomlNode::Kind::string:
        if (allows(spec_, Type::string)) return read_string(node);
        if (allows(spec_, Type::path)) return read_path(node);
        break;
      case TomlNode::Kind::list:
        return read_list(node);
      case TomlNode::Kind::table:
        // A single table stands for a list of one, as the resolved graph writes it.
        if (allows(spec_, Type::table) || allows(spec_, Type::tables)) {
          return std::vector<Parameters>{read_fields(node, label())};
        }
        break;
      case TomlNode::Kind::time:
        break;
    }
    refuse_type(node, label(), expected(spec_));
    return std::nullopt;
  }

  /// What the key is when it isn't given, as reading it from a text would have it; nothing for a required key.
  std::optional<ParameterValue> default_value(const TomlNode& table) const {
    if (spec_.default_value) return as_read(*spec_.default_value);
    if (spec_.optional) return std::nullopt;
    if (spec_.types == std::vector{Type::table} && fields_have_defaults()) {
      TomlNode empty;
      empty.where = {table.where.file, 0, 0, {}};
      return std::vector<Parameters>{read_fields(empty, label())};
    }
    return std::nullopt;
  }

 private:
  std::string label() const { return quoted(spec_.name) + " in " + context_.name; }

  void refuse(const TomlNode& node, const std::string& message) const {
    context_.found.add(node.where, message, help_of(spec_));
  }

  void refuse_type(const TomlNode& node, const std::string& what, const std::string& wanted) const {
    std::string hint = help_of(spec_);
    if (node.is(TomlNode::Kind::number) && node.number == std::floor(node.number) &&
        std::abs(node.number) < 1e15) {
      hint = "write it without the point: " + std::to_string(static_cast<std::int64_t>(node.number));
    } else if (node.is(TomlNode::Kind::string) && !node.string.empty() &&
               node.string.find_first_not_of("+-.0123456789eE_") == std::string::npos) {
      hint = "write it without the quotes: " + node.string;
    } else if (node.is(TomlNode::Kind::string) && (node.string == "true" || node.string == "false")) {
      hint = "write it without the quotes: " + node.string;
    }
    context_.found.add(node.where, what + " must be " + wanted + ", found " + describe(node), hint);
  }

  bool in_range(const TomlNode& node, double value, const std::string& what) const {
    const std::string found =
        node.is(TomlNode::Kind::integer) ? std::to_string(node.integer) : number_text(value);
    if (!std::isfinite(value)) {
      refuse(node, what + " must be a finite number, found " + found);
      return false;
    }
    if (within_bounds(spec_, value)) return true;
    refuse(node, what + " must be " + bounds(spec_) + ", found " + found);
    return false;
  }

  std::optional<ParameterValue> read_number(const TomlNode& node, double value) const {
    if (!in_range(node, value, label())) return std::nullopt;
    return value;
  }

  std::optional<ParameterValue> read_string(const TomlNode& node) const {
    const std::vector<std::string>& choices = spec_.choices;
    if (choices.empty() || std::find(choices.begin(), choices.end(), node.string) != choices.end())
      return node.string;
    context_.found.add(
        node.where,
        "unknown value " + quoted(node.string) + " for " + label() + suggestion(node.string, choices),
        "allowed: " + expected(spec_));
    return std::nullopt;
  }

  std::optional<ParameterValue> read_path(const TomlNode& node) const {
    if (!node.string.empty()) return absolute_path(node.string, context_.folders.of(node.where));
    refuse(node, label() + " must be a path, found an empty string");
    return std::nullopt;
  }

  Parameters read_fields(const TomlNode& table, const std::string& name) const {
    return read_table(table, spec_.fields, context_.inside(name));
  }

  bool fields_have_defaults() const {
    return std::all_of(spec_.fields.begin(), spec_.fields.end(),
                       [](const ParameterSpec& field) { return field.default_value || field.optional; });
  }

  /// The declared list type that the items fit; the first one when they fit none, for the message.
  Type list_type(const TomlNode& node) const {
    const auto fits_all = [&](Type type) {
      return is_list(type) && std::all_of(node.items.begin(), node.items.end(),
                                          [&](const TomlNode& item) { return fits(item, type); });
    };
    auto chosen = std::find_if(spec_.types.begin(), spec_.types.end(), fits_all);
    if (chosen == spec_.types.end()) chosen = std::find_if(spec_.types.begin(), spec_.types.end(), is_list);
    return chosen == spec_.types.end() ? Type::boolean : *chosen;
  }

  std::optional<ParameterValue> read_list(const TomlNode& node) const {
    const Type type = list_type(node);
    if (!is_list(type)) {
      refuse_type(node, label(), expected(spec_));
      return std::nullopt;
    }
    if (spec_.length && node.items.size() != *spec_.length) {
      refuse(node, label() + " must be " + expected(spec_) + ", found " + describe(node));
      return std::nullopt;
    }
    const std::size_t before = context_.found.size();
    std::optional<ParameterValue> value;
    switch (type) {
      case Type::integers:
        value = read_items<std::int64_t>(node, type, [](const TomlNode& item) { return item.integer; });
        break;
      case Type::numbers:
        value = read_items<double>(node, type, as_number);
        break;
      case Type::strings:
        value = read_items<std::string>(node, type, [](const TomlNode& item) { return item.string; });
        break;
      default: {
        int index = 0;
        value = read_items<Parameters>(node, type, [&](const TomlNode& item) {
          return read_fields(item, "element " + std::to_string(++index) + " of " + label());
        });
      }
    }
    const bool broken =
        std::any_of(node.items.begin(), node.items.end(), [](const TomlNode& item) { return item.broken; });
    if (broken || context_.found.size() > before) return std::nullopt;
    return value;
  }

  template <typename T, typename Get>
  std::vector<T> read_items(const TomlNode& list, Type type, Get get) const {
    std::vector<T> values;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const TomlNode& item = list.items[i];
      const std::string what = "element " + std::to_string(i + 1) + " of " + label();
      if (item.broken) continue;
      if (!fits(item, type)) {
        refuse_type(item, what, describe_item(type));
      } else if (!is_numeric(item) || in_range(item, as_number(item), what)) {
        values.push_back(get(item));
      }
    }
    return values;
  }

  /// A default table with the fields that its declaration leaves to their own defaults.
  Parameters completed(const Parameters& table) const {
    Parameters complete;
    for (const ParameterSpec& field : spec_.fields) {
      const ValueReader reader(field, context_);
      const std::optional<ParameterValue> value =
          table.has(field.name) ? reader.as_read(table.value(field.name)) : reader.default_value(TomlNode{});
      if (value) complete.set(field.name, *value);
    }
    return complete;
  }

  /// A default as its declaration has it (`0` for a number, a relative path) in the form that reading gives, so that the resolved graph reads
  /// back equal.
  ParameterValue as_read(const ParameterValue& value) const {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      if (!allows(spec_, Type::integer)) return static_cast<double>(*whole);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      if (!allows(spec_, Type::string)) return absolute_path(*text, context_.folders.main);
    } else if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      const bool as_numbers =
          list->empty() ? list_type(TomlNode{}) == Type::numbers : !allows(spec_, Type::integers);
      if (as_numbers) return std::vector<double>(list->begin(), list->end());
    } else if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
      if (numbers->empty() && list_type(TomlNode{}) == Type::integers) return std::vector<std::int64_t>();
    } else if (const auto* tables = std::get_if<std::vector<Parameters>>(&value)) {
      std::vector<Parameters> complete;
      for (const Parameters& table : *tables) complete.push_back(completed(table));
      return complete;
    }
    return value;
  }

  const ParameterSpec& spec_;
  const TableContext& context_;
};

}  // namespace

std::optional<ParameterValue> read_value(const TomlNode& node, const ParameterSpec& spec,
                                         const TableContext& context) {
  return ValueReader(spec, context).read(node);
}

std::optional<ParameterValue> default_value(const ParameterSpec& spec, const TomlNode& table,
                                            const TableContext& context) {
  return ValueReader(spec, context).default_value(table);
}

std::string help_of(const ParameterSpec& spec) {
  return spec.help.empty() ? "" : spec.name + ": " + spec.help;
}

std::string absolute_path(const std::string& path, const std::string& folder) {
  if (path.empty()) return path;
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

}  // namespace generalizer
