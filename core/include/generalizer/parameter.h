#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "generalizer/error.h"

namespace generalizer {

class Parameters;

/// What a value in a graph file may be. `path` is a string that is taken relative to the graph file and made absolute.
/// `tables` is a list of tables.
enum class ParameterType : std::uint8_t {
  boolean,
  integer,
  number,
  string,
  path,
  integers,
  numbers,
  strings,
  table,
  tables,
};

/// Words for messages: "an integer", "a list of integers", …
GENERALIZER_EXPORT const char* describe(ParameterType type);

/// A value as read: a table is a vector of one `Parameters`, a list of tables one of any length.
using ParameterValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                                    std::vector<double>, std::vector<std::string>, std::vector<Parameters>>;

/// Declares one key of a table: the one source for checks, defaults, `generalizer plugins NAME`, the resolved graph and the schema.
struct ParameterSpec {
  std::string name;
  std::vector<ParameterType> types;             ///< alternatives: `kernel` is {integer, integers}
  std::string help;                             ///< one sentence, with units
  std::optional<ParameterValue> default_value;  ///< none: the key is required unless `optional`
  bool optional = false;                        ///< may be absent without a default
  std::optional<double> minimum;                ///< of an integer or number, and of each element of a list
  std::optional<double> maximum;
  bool above_minimum = false;         ///< the minimum itself is refused
  std::vector<std::string> choices;   ///< of a string; empty: any
  std::optional<std::size_t> length;  ///< of a list
  std::vector<ParameterSpec> fields;  ///< of a table, or of each table of a list
};

/// Shorthands for the common declarations; add bounds by designated copies.
GENERALIZER_EXPORT ParameterSpec required_parameter(std::string name, std::vector<ParameterType> types,
                                                    std::string help);
GENERALIZER_EXPORT ParameterSpec parameter(std::string name, std::vector<ParameterType> types,
                                           ParameterValue default_value, std::string help);
GENERALIZER_EXPORT ParameterSpec at_least(ParameterSpec spec, double minimum);
GENERALIZER_EXPORT ParameterSpec above(ParameterSpec spec, double minimum);
GENERALIZER_EXPORT ParameterSpec at_most(ParameterSpec spec, double maximum);
GENERALIZER_EXPORT ParameterSpec one_of(ParameterSpec spec, std::vector<std::string> choices);

/// The checked values of one table, in the order of their specs, defaults filled in. Getters throw `Error` when the key was not declared
/// with that type: that is the plugin's own mistake, as every value has been checked against its spec before.
class GENERALIZER_EXPORT Parameters {
 public:
  bool has(const std::string& name) const;
  bool boolean(const std::string& name) const;
  std::int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;              ///< an integer is a number, too
  const std::string& string(const std::string& name) const;  ///< also a path
  std::vector<std::int64_t> integers(const std::string& name) const;
  std::vector<double> numbers(const std::string& name) const;
  std::vector<std::string> strings(const std::string& name) const;
  const Parameters& table(const std::string& name) const;
  /// `kernel = 3` and `kernel = [3, 3]` alike: `count` integers, a single one repeated.
  std::vector<std::int64_t> repeated(const std::string& name, std::size_t count) const;
  bool is_string(const std::string& name) const;

  const ParameterValue& value(const std::string& name) const;
  /// Where the value stands; unknown for a default.
  SourcePosition where(const std::string& name) const;
  void set(const std::string& name, ParameterValue value, SourcePosition where = {});
  const std::vector<std::string>& names() const { return order_; }

  /// Equal values under equal names; positions don't count.
  bool operator==(const Parameters& other) const;

 private:
  struct Entry {
    ParameterValue value;
    SourcePosition where;
  };
  std::map<std::string, Entry> entries_;
  std::vector<std::string> order_;
};

}  // namespace generalizer
