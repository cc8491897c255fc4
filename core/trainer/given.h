#pragma once

#include "generalizer/dataset.h"
#include "trainer/network.h"

namespace generalizer {

/// Images at a time that the cost of answering the mean image is measured on.
constexpr std::int64_t kGivenBatch = 256;

/// Gives the device what decoders' keys need to know of the training images: "mean_image", "class_means", and for each ceiling at the mean image what
/// answering that image costs, as a mean over them. Images are taken as the network sees them, normalised, but without random augmentations; the class of
/// an image is the label that it is trained with. Reads the training images up to twice, and nothing where no key asks for it.
///
/// Once, when a training begins: checkpoints keep it.
void give_mean_images(Network& network, const Dataset& train);

}  // namespace generalizer
