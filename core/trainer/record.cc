#include "trainer/record.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <array>

namespace generalizer {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("unknown");
}

}  // namespace

nlohmann::json make_record(const Network& network, const Registry& registry, const std::string& command) {
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
        {"classes", network.graph().data().classes}}}};
}

DataShape data_shape_of(const nlohmann::json& record) {
  try {
    const nlohmann::json& data = record.at("data");
    return {Shape(data.at("image").get<std::vector<std::int64_t>>()), data.at("classes").get<std::int64_t>()};
  } catch (const nlohmann::json::exception&) {
    throw DataError("the run's run.json does not say what shape its data has.");
  }
}

}  // namespace generalizer
