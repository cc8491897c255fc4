#include "data/splits.h"

#include <algorithm>
#include <cmath>
#include <new>

#include "data/augmented.h"
#include "data/label_noise.h"
#include "data/permutation.h"

namespace generalizer {
namespace {

std::unique_ptr<Dataset> open_files(const GraphSpec& spec, const Registry& registry, Split split) {
  const DatasetType* type = registry.find_dataset(spec.data.type.text);
  if (type == nullptr) throw PluginError("the dataset type \"" + spec.data.type.text + "\" is not loaded.");
  const auto refuse = [&](const std::string& what) {
    throw DataError("The dataset type \"" + type->name + "\" failed: " + what);
  };
  std::unique_ptr<Dataset> data;
  try {
    data = type->open(spec.data.parameters, split);
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {  // it is a plugin's: it may throw anything
    refuse(error.what());
  } catch (...) {
    refuse("it threw something that is no std::exception");
  }
  if (!data) refuse("its plugin opened nothing");
  return data;
}

std::unique_ptr<Dataset> augmented(std::shared_ptr<const Dataset> data, const GraphSpec& spec) {
  return std::make_unique<Augmented>(std::move(data), spec.data.augment, spec.seed);
}

/// How many of `size` records are kept for validation.
std::int64_t validation_size(const DataSpec& data, std::int64_t size) {
  const auto kept = static_cast<std::int64_t>(std::llround(data.validation * static_cast<double>(size)));
  if (kept >= 1 && kept < size) return kept;
  throw DataError("[data] `validation` = " + std::to_string(data.validation) + " of " + std::to_string(size) +
                  (size == 1 ? " training image" : " training images") +
                  (kept < 1 ? " leaves nothing to validate on" : " leaves nothing to train on") +
                  ". Each part needs at least one: give another fraction, or more images.");
}

}  // namespace

Splits open_training_splits(const GraphSpec& spec, const Registry& registry) {
  const std::shared_ptr<const Dataset> all = open_files(spec, registry, Split::train);
  // By the record's place in its file, so that a validation part moves no label.
  std::shared_ptr<const Dataset> train = all;
  if (spec.data.label_noise > 0) train = std::make_shared<NoisyLabels>(all, spec.data.label_noise, spec.seed);

  Splits splits;
  splits.normalization = normalization_of(spec.data, all->image_shape());
  if (spec.data.validation > 0) {
    const std::int64_t kept = validation_size(spec.data, all->size());
    std::vector<std::int64_t> order = permutation(all->size(), Philox(spec.seed, stream_of("validation")));
    const auto border = order.begin() + kept;
    // In the order of the files, which is how a training without shuffling reads them.
    std::sort(order.begin(), border);
    std::sort(border, order.end());
    splits.validation =
        augmented(std::make_shared<Subset>(all, std::vector<std::int64_t>(order.begin(), border)), spec);
    train = std::make_shared<Subset>(train, std::vector<std::int64_t>(border, order.end()));
  }
  splits.train = augmented(train, spec);
  return splits;
}

std::unique_ptr<Dataset> open_test_split(const GraphSpec& spec, const Registry& registry) {
  return augmented(open_files(spec, registry, Split::test), spec);
}

Splits open_splits(const GraphSpec& spec, const Registry& registry) {
  Splits splits = open_training_splits(spec, registry);
  splits.test = open_test_split(spec, registry);
  return splits;
}

}  // namespace generalizer
