#include "cifar.h"
#include "csv.h"
#include "generalizer/plugin.h"
#include "idx.h"
#include "image_folder.h"
#include "npz.h"
#include "synthetic.h"

namespace {

void register_datasets(generalizer::Registry& registry) {
  registry.add_dataset(generalizer::cifar_dataset());
  registry.add_dataset(generalizer::csv_dataset());
  registry.add_dataset(generalizer::idx_dataset());
  registry.add_dataset(generalizer::image_folder_dataset());
  registry.add_dataset(generalizer::npz_dataset());
  registry.add_dataset(generalizer::synthetic_dataset());
}

}  // namespace

GENERALIZER_PLUGIN("datasets", GENERALIZER_VERSION, "Apache-2.0", register_datasets)
