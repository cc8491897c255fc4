#include "audit/probe.h"

#include <algorithm>

#include "audit/packed.h"
#include "generalizer/extra_labels.h"

namespace generalizer {
namespace {

std::vector<std::int32_t> labels_of(const Dataset& data, std::size_t column) {
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < data.size(); ++i) labels.push_back(extra_label_of(data, column, i));
  return labels;
}

/// A column's labels of both sets.
struct Column {
  std::int64_t classes;
  std::vector<std::int32_t> train;
  std::vector<std::int32_t> test;
};

double majority_share(const Column& column) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(column.classes), 0);
  for (const std::int32_t label : column.train) ++counts[static_cast<std::size_t>(label)];
  const auto most = static_cast<std::int32_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  return static_cast<double>(std::count(column.test.begin(), column.test.end(), most)) / static_cast<double>(column.test.size());
}

double probe_accuracy(const std::vector<std::shared_ptr<const Representation>>& train, const std::shared_ptr<const Representation>& test,
                      const Column& column, const FitParts& parts, const GraphSpec& like, const AttackSettings& settings,
                      const Registry& registry) {
  std::vector<std::shared_ptr<const Dataset>> draws;
  for (const auto& draw : train) draws.push_back(std::make_shared<LabelledRows>(draw, column.train, column.classes));
  Network network(probe_graph(column.classes, like, settings.batch, 0, registry), {draws.front()->image_shape(), column.classes}, registry);
  fit(network, draws, parts, {settings.epochs, settings.patience, settings.stop, {}});
  return Evaluator(network).run(LabelledRows(test, column.test, column.classes)).classifier.accuracy.value();
}

std::shared_ptr<const Representation> standardised(const Representation& pixels, const Standardization& by) {
  auto result = std::make_shared<Representation>(pixels);
  by.apply(*result);
  return result;
}

}  // namespace

std::vector<ProbeResult> probe_extra_labels(const AttackedRepresentation& representation, const AuditImages& images, const GraphSpec& like,
                                            const AttackSettings& settings, const Registry& registry) {
  const std::vector<LabelColumn> columns = extra_labels_of(*images.train);
  std::vector<ProbeResult> results;
  if (columns.empty()) return results;
  const Standardization by(images.train_pixels, images.parts.fitted);
  const auto train_pixels = standardised(images.train_pixels, by);
  const auto test_pixels = standardised(images.test_pixels, by);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column column{columns[i].classes, labels_of(*images.train, i), labels_of(*images.test, i)};
    const auto accuracy = [&](const std::vector<std::shared_ptr<const Representation>>& train,
                              const std::shared_ptr<const Representation>& test) {
      return probe_accuracy(train, test, column, images.parts, like, settings, registry);
    };
    results.push_back({columns[i].name, columns[i].classes, accuracy(representation.train, representation.test),
                       accuracy({train_pixels}, test_pixels), majority_share(column)});
  }
  return results;
}

}  // namespace generalizer
