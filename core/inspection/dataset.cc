#include <fmt/format.h>

#include <algorithm>

#include "catalogue/example.h"
#include "inspection/checks.h"

namespace generalizer {

Finding check_missing_files(const DatasetType& type) {
  TomlNode table = table_of(example_keys(type.parameters));
  std::size_t paths = 0;
  for (const ParameterSpec& spec : type.parameters) {
    if (std::find(spec.types.begin(), spec.types.end(), ParameterType::path) == spec.types.end()) continue;
    erase_key(table, spec.name);
    table.entries.push_back(table_of(spec.name + " = \"/no/such/folder/no-such-file\"").entries.front());
    ++paths;
  }
  if (paths == 0) return skipped("None of its parameters is a path.");
  const Parameters parameters = read_keys(table, type.parameters);
  for (const Split split : {Split::train, Split::test}) {
    const char* name = split == Split::train ? "training" : "test";
    try {
      (void)type.open(parameters, split);
      return failed(fmt::format("It opens its {} images from files that don't exist.", name));
    } catch (const DataError& error) {
      if (std::string(error.what()).find("no-such-file") == std::string::npos)
        return failed(fmt::format("Its message for a missing file doesn't name the file: {}", error.what()));
    } catch (const std::exception& error) {
      return failed(fmt::format("For a missing file it throws what is no DataError: {}", error.what()));
    }
  }
  return passed("refused with the file's name");
}

}  // namespace generalizer
