#include "trainer/record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>

namespace generalizer {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("unknown");
}

}  // namespace

nlohmann::json make_record(const Network& network, const Dataset& data, const Registry& registry,
                           const std::string& command) {
  const GraphSpec& spec = network.graph().spec();
  const BackendType* backend = registry.find_backend(spec.backend.type.text);
  const Shape& image = network.graph().data().image;
  nlohmann::json plugins = nlohmann::json::array();
  for (const PluginRecord& plugin : registry.plugins()) {
    plugins.push_back({{"name", plugin.name}, {"version", plugin.version}, {"file", plugin.file}});
  }
  return {
      {"generalizer", GENERALIZER_VERSION},
      {"backend", spec.backend.type.text},
      {"device", network.session().device()},
      {"libraries", backend == nullptr ? std::map<std::string, std::string>{} : backend->report().libraries},
      {"plugins", std::move(plugins)},
      {"seed", spec.seed},
      {"host", host_name()},
      {"command", command},
      {"started", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
      {"data",
       {{"image", std::vector<std::int64_t>(image.begin(), image.end())},
        {"classes", network.graph().data().classes},
        {"class_names", data.class_names()}}}};
}

DataShape data_shape_of(const nlohmann::json& record) {
  try {
    const nlohmann::json& data = record.at("data");
    return {Shape(data.at("image").get<std::vector<std::int64_t>>()), data.at("classes").get<std::int64_t>()};
  } catch (const nlohmann::json::exception&) {
    throw DataError("the run's run.json does not say what shape its data has.");
  }
}

std::vector<std::string> class_names_of(const nlohmann::json& record) {
  std::vector<std::string> names;
  const auto data = record.find("data");
  if (data == record.end() || !data->is_object()) return names;
  const auto listed = data->find("class_names");
  if (listed == data->end() || !listed->is_array()) return names;
  for (const nlohmann::json& name : *listed) {
    if (!name.is_string()) throw DataError("the run's run.json has a class name that is no text: " + name.dump() + ".");
    names.push_back(name.get<std::string>());
  }
  return names;
}

void check_class_names(const std::vector<std::string>& trained, const Dataset& data) {
  const std::vector<std::string> found = data.class_names();
  if (trained.empty() || found.empty() || trained == found) return;
  std::size_t first = 0;
  while (first < trained.size() && first < found.size() && trained[first] == found[first]) ++first;
  const auto at = [&](const std::vector<std::string>& names) {
    return first < names.size() ? "\"" + names[first] + "\"" : std::string("no class");
  };
  throw DataError(fmt::format(
      "the run was trained on other classes than the data has now: label {} was {}, and is {} now ({} and {} names). Give the "
      "data back the classes that it had, or train anew.",
      first, at(trained), at(found), trained.size(), found.size()));
}

}  // namespace generalizer
