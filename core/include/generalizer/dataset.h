#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "generalizer/parameter.h"
#include "generalizer/shape.h"

namespace generalizer {

enum class Split : std::uint8_t { train, test };

/// Labelled images, ready to be read in any order. Everything that can be wrong with the files is found when it is opened.
class GENERALIZER_EXPORT Dataset {
 public:
  virtual ~Dataset() = default;

  virtual std::int64_t size() const = 0;     ///< images
  virtual Shape image_shape() const = 0;     ///< C×H×W
  virtual std::int64_t classes() const = 0;  ///< labels are in [0, classes); 0 when there are no labels
  virtual std::vector<std::string> class_names() const { return {}; }  ///< empty, or one a class

  /// Image `index` in [0, size) scaled to [0, 1], C×H×W row-major. Safe to call from several threads.
  virtual void read_image(std::int64_t index, std::span<float> image) const = 0;
  /// Its label; 0 when there are no labels.
  virtual std::int32_t label(std::int64_t index) const = 0;
};

// Keys that datasets share; each kind declares those that it can honour.
GENERALIZER_EXPORT ParameterSpec limit_parameter();        ///< `limit`: only the first so many images of each split; 0: all
GENERALIZER_EXPORT ParameterSpec class_names_parameter();  ///< `class_names`: one a class; empty: the dataset's own

/// A kind of dataset. `open` throws `DataError` naming the file, the record, what was expected and what was found.
struct DatasetType {
  std::string name;  ///< "idx"
  std::string summary;
  std::vector<ParameterSpec> parameters;
  std::function<std::unique_ptr<Dataset>(const Parameters&, Split)> open;
};

}  // namespace generalizer
