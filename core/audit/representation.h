#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "trainer/network.h"

namespace generalizer {

/// Thrown when the user asks to stop; nothing of an audit is kept then but a baseline's training.
class AuditStopped : public Error {
 public:
  AuditStopped() : Error("the audit was stopped.") {}
};

/// Asked between batches.
using StopRequested = std::function<bool()>;

/// What is handed out of a network for each image of a dataset, image after image.
struct Representation {
  Shape shape;                ///< of one image's
  std::vector<float> values;  ///< images × elements

  std::size_t elements() const { return static_cast<std::size_t>(shape.elements()); }
  std::size_t images() const { return values.size() / elements(); }
};

/// Makes a program for a batch of this size.
using ProgramOf = std::function<StepProgram(std::int64_t batch)>;

/// An output of a program over a whole dataset. `before` is called with the number of the batch before it is run. Throws `AuditStopped`, and `DataError`
/// for more than 8 GiB, naming what to do.
Representation output_over(Network& network, const ProgramOf& program_of, const std::string& output, const Dataset& data,
                           const StopRequested& stop = {}, const std::function<void(std::int64_t)>& before = {});

/// How a network's representation is handed out.
struct HandOut {
  bool training = false;   ///< with what is random in training alone (dropout, noise); batch normalisation keeps to its running statistics
  bool tap_noise = true;   ///< false: without the noise that decoders have on their taps, as who holds the network itself can have it
  std::int64_t draws = 1;  ///< the mean of so many draws of what is random
  bool operator==(const HandOut&) const = default;
};

/// A layer, or several, of a network whose outputs are handed out together.
class Tap {
 public:
  /// Both must live as long. `names` as in a decoder's `tap`. Throws `GraphError` for a name that is no layer's.
  Tap(Network& network, std::vector<std::string> names, const Registry& registry);

  const std::vector<std::string>& names() const { return names_; }
  /// "embedding", "conv1 + embedding"
  std::string name() const;
  /// Of one image's representation.
  Shape shape() const;
  /// Whether two hand-outs of the same image differ.
  bool random(const HandOut& how) const;
  /// `stream` chooses the random numbers; the same gives the same.
  Representation hand_out(const Dataset& data, const HandOut& how, std::int64_t stream, const StopRequested& stop) const;

 private:
  StepProgram program(const HandOut& how, std::int64_t batch) const;

  Network& network_;
  std::vector<std::string> names_;
  std::unique_ptr<Graph> frozen_;  ///< the network's, every layer frozen: nothing depends on the rest of a batch
  std::vector<Place> places_;
};

/// Brings every unit to mean 0 and deviation 1, so that scaling hides nothing; a unit that is the same for all images becomes 0.
class Standardization {
 public:
  /// By these images alone.
  Standardization(const Representation& data, const std::vector<std::int64_t>& images);
  void apply(Representation& data) const;
  std::int64_t constant_units() const;

 private:
  std::vector<double> mean_;
  std::vector<double> factor_;  ///< 1/deviation; 0 of a constant unit
};

}  // namespace generalizer
