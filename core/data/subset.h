#pragma once

#include <memory>
#include <vector>

#include "generalizer/dataset.h"
#include "generalizer/extra_labels.h"

namespace generalizer {

/// A dataset seen through another: everything is that one's until a derived class says otherwise.
class DatasetView : public Dataset, public ExtraLabels {
 public:
  explicit DatasetView(std::shared_ptr<const Dataset> data) : data_(std::move(data)) {}

  std::int64_t size() const override { return data_->size(); }
  Shape image_shape() const override { return data_->image_shape(); }
  std::int64_t classes() const override { return data_->classes(); }
  std::vector<std::string> class_names() const override { return data_->class_names(); }
  void read_image(std::int64_t index, std::span<float> image) const override { data_->read_image(index, image); }
  std::int32_t label(std::int64_t index) const override { return data_->label(index); }
  std::vector<LabelColumn> extra_labels() const override { return extra_labels_of(*data_); }
  std::int32_t extra_label(std::size_t column, std::int64_t index) const override { return extra_label_of(*data_, column, index); }

 protected:
  const Dataset& data() const { return *data_; }

 private:
  std::shared_ptr<const Dataset> data_;
};

/// Some records of a dataset, in the order given.
class Subset final : public DatasetView {
 public:
  Subset(std::shared_ptr<const Dataset> data, std::vector<std::int64_t> records)
      : DatasetView(std::move(data)), records_(std::move(records)) {}

  std::int64_t size() const override { return static_cast<std::int64_t>(records_.size()); }
  void read_image(std::int64_t index, std::span<float> image) const override {
    data().read_image(record(index), image);
  }
  std::int32_t label(std::int64_t index) const override { return data().label(record(index)); }
  std::int32_t extra_label(std::size_t column, std::int64_t index) const override {
    return extra_label_of(data(), column, record(index));
  }

 private:
  std::int64_t record(std::int64_t index) const { return records_[static_cast<std::size_t>(index)]; }

  std::vector<std::int64_t> records_;
};

}  // namespace generalizer
