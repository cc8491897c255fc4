#include "trainer/sound_graph.h"

#include <optional>

#include "graph/graph.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

/// Nothing when the data's own description is wrong, or it can't be opened: that is told when nothing else is wrong.
std::optional<DataShape> shape_of_data(const GraphSpec& spec, const Registry& registry) {
  if (!spec.data.sound) return std::nullopt;
  try {
    return shape_of(*open_dataset(spec, registry, Split::train));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

GraphSpec read_sound_graph(const GraphSource& source, const Registry& registry,
                           const std::vector<Override>& overrides) {
  GraphDraft draft = draft_graph(source, registry, overrides);
  if (mistakes_of(draft, std::nullopt, registry).empty()) return std::move(draft.spec);
  throw GraphError(mistakes_of(draft, shape_of_data(draft.spec, registry), registry));
}

}  // namespace generalizer
