#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audit/attacker.h"
#include "audit/fit.h"
#include "audit/image_quality.h"
#include "data/splits.h"

namespace generalizer {

/// The images of an audit.
struct AuditImages {
  std::shared_ptr<const Dataset> train;  ///< as the network was trained on, without random augmentation
  std::shared_ptr<const Dataset> test;
  Normalization normalization;
  Representation train_pixels;  ///< in [0, 1]
  Representation test_pixels;
  FitParts parts;  ///< of the training images
};

/// What one way of handing out gives an attacker: standardised representations.
struct AttackedRepresentation {
  std::vector<std::shared_ptr<const Representation>> train;  ///< several draws where it is random
  std::shared_ptr<const Representation> test;
  std::int64_t constant_units = 0;
};

/// Hands the representation out of all images, and standardises it by the images that attackers learn from.
AttackedRepresentation attacked(const Tap& tap, const HandOut& how, const AuditImages& images, const StopRequested& stop);

/// One attacker trained from one seed.
struct AttackSeed {
  std::uint64_t seed = 0;
  double held_out_mse = 0.0;  ///< by which the best seed is chosen, test images unseen
  FitResult fit;
  ImageQuality test;
};

struct AttackResult {
  std::string name;
  std::string file;        ///< "" for one of the program's own
  std::string definition;  ///< the file's text
  std::int64_t weights = 0;
  std::vector<AttackSeed> seeds;
  std::size_t best = 0;               ///< the seed with the least held-out error
  std::vector<float> recreated;       ///< by the best seed: the first test images
  const AttackSeed& strongest() const { return seeds[best]; }
  double mean_mse() const;       ///< of the seeds, on the test set
  double mse_deviation() const;  ///< sample standard deviation of it; 0 of a single seed
};

struct AttackSettings {
  std::int64_t seeds = 3;
  std::int64_t epochs = 20;
  std::int64_t patience = 3;
  std::int64_t batch = 128;
  std::int64_t pictures = 10;  ///< test images whose recreation is kept
  StopRequested stop;
  /// The seed and epoch that are done.
  std::function<void(const std::string& attacker, std::int64_t seed, std::int64_t epoch)> epoch_done;
};

/// Trains the attacker from scratch, once a seed; backend and precision are `like`'s. Throws `GraphError` where its layers don't fit.
AttackResult attack(const Attacker& attacker, const AttackedRepresentation& representation, const AuditImages& images, const GraphSpec& like,
                    const AttackSettings& settings, const Registry& registry);

/// The strongest of several, by what they reach on held-out images.
const AttackResult& strongest_of(const std::vector<AttackResult>& results);

}  // namespace generalizer
