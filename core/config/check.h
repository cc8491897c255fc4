#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/document.h"
#include "generalizer/parameter.h"

namespace generalizer {

/// What relative paths are relative to, all absolute: the folder of the file in which they stand.
struct Folders {
  std::string main;                            ///< of the graph file itself, and of --set
  std::map<std::string, std::string> by_file;  ///< by the name of a file in positions

  const std::string& of(const SourcePosition& where) const {
    const auto found = by_file.find(where.file);
    return found == by_file.end() ? main : found->second;
  }
};

/// A table that is being checked.
struct TableContext {
  std::string name;    ///< what messages call it: `layer "conv1" (conv2d)`
  const Folders& folders;
  Diagnostics& found;

  TableContext inside(std::string inner) const { return {std::move(inner), folders, found}; }
};

/// Reports every key of the table that `specs` don't declare, at the key, with the nearest name and all names.
void refuse_unknown_keys(const TomlNode& table, const std::vector<ParameterSpec>& specs,
                         const TableContext& context);

/// True when a key of the table that `specs` don't declare looks like `key`.
bool looks_misspelt(const TomlNode& table, const std::string& key, const std::vector<ParameterSpec>& specs);

/// True when `key`, which the table lacks, stands there misspelt, and that has been reported: to call it missing, too, would be one mistake told
/// twice. `specs` declare the table's keys.
bool is_there_misspelt(const TomlNode& table, const std::string& key, const std::vector<ParameterSpec>& specs,
                       const TableContext& context);

/// The values of the keys that `specs` declare, in their order, defaults filled in. Reports what is missing or wrong and then goes on with the
/// default; a required key that is missing or wrong is absent from the result. Other keys of the table are let be.
Parameters read_values(const TomlNode& table, const std::vector<ParameterSpec>& specs,
                       const TableContext& context);

/// Both of the above.
Parameters read_table(const TomlNode& table, const std::vector<ParameterSpec>& specs,
                      const TableContext& context);

}  // namespace generalizer
