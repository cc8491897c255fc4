#include "window.h"

#include <algorithm>

namespace generalizer::layers {
namespace {

std::string text_of(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t number : numbers) text += (text.empty() ? "[" : ", ") + std::to_string(number);
  return text.empty() ? "[]" : text + "]";
}

/// A window that lies in the padding alone has neither a maximum nor a mean.
void require_padding_below_kernel(const LayerBuilder& layer, const Window& window,
                                  const std::vector<std::int64_t>& padding) {
  const std::int64_t rows = std::max(padding[0], padding[1]);
  const std::int64_t columns = std::max(padding[2], padding[3]);
  if (rows < window.kernel[0] && columns < window.kernel[1]) return;
  layer.fail_at("padding",
                "its padding of " + size_text(rows, columns) + " pixels is not smaller than its kernel of " +
                    size_text(window.kernel[0], window.kernel[1]) +
                    ", so that a window could lie in the padding alone",
                "pad by less than the kernel's size");
}

}  // namespace

ParameterSpec kernel_parameter(std::string help) {
  return at_least(
      required_parameter("kernel", {ParameterType::integer, ParameterType::integers}, std::move(help)), 1);
}

ParameterSpec pair_parameter(std::string name, std::int64_t default_value, std::string help) {
  return at_least(parameter(std::move(name), {ParameterType::integer, ParameterType::integers}, default_value,
                            std::move(help)),
                  1);
}

ParameterSpec padding_parameter(const std::string& default_value) {
  ParameterSpec spec = parameter(
      "padding", {ParameterType::string, ParameterType::integer, ParameterType::integers}, default_value,
      "Zeros around the image, in pixels: \"valid\" (none), \"same\" (as many outputs as the input has "
      "strides), a number, [rows, columns] or [top, bottom, left, right].");
  return one_of(at_least(std::move(spec), 0), {"valid", "same"});
}

std::vector<std::int64_t> pair(const LayerBuilder& layer, const std::string& name) {
  const ParameterValue& value = layer.parameters().value(name);
  if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value);
      numbers != nullptr && numbers->size() != 2) {
    layer.fail_at(name, name + " = " + text_of(*numbers) + " has " + std::to_string(numbers->size()) +
                            " numbers; expected one for rows and columns alike, or [rows, columns]");
  }
  return layer.parameters().repeated(name, 2);
}

ParameterSpec sides_parameter(std::string name, const std::string& help) {
  return at_least(required_parameter(std::move(name), {ParameterType::integer, ParameterType::integers},
                                     help + ": one number, [rows, columns] or [top, bottom, left, right]."),
                  0);
}

std::vector<std::int64_t> explicit_padding(const LayerBuilder& layer) {
  if (layer.parameters().is_string("padding")) return {0, 0, 0, 0};
  return sides(layer, "padding");
}

std::vector<std::int64_t> sides(const LayerBuilder& layer, const std::string& name) {
  const ParameterValue& value = layer.parameters().value(name);
  if (const auto* all = std::get_if<std::int64_t>(&value)) return {*all, *all, *all, *all};
  const std::vector<std::int64_t> given = layer.parameters().integers(name);
  if (given.size() != 2 && given.size() != 4) {
    layer.fail_at(name, name + " = " + text_of(given) + " has " + std::to_string(given.size()) +
                                 " numbers; expected one, [rows, columns] or [top, bottom, left, right]");
  }
  return given.size() == 4 ? given : std::vector<std::int64_t>{given[0], given[0], given[1], given[1]};
}

std::vector<std::int64_t> padding_for(const LayerBuilder& layer, const Window& window, std::int64_t rows,
                                      std::int64_t columns) {
  if (!layer.parameters().is_string("padding") || layer.string("padding") != "same")
    return explicit_padding(layer);
  std::vector<std::int64_t> padding;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t size = axis == 0 ? rows : columns;
    const std::int64_t stride = window.strides[axis];
    const std::int64_t outputs = (size + stride - 1) / stride;
    const std::int64_t total = std::max<std::int64_t>((outputs - 1) * stride + window.reach(axis) - size, 0);
    padding.push_back(total / 2);
    padding.push_back(total - total / 2);
  }
  return padding;
}

void require_fit(const LayerBuilder& layer, const Window& window, const std::vector<std::int64_t>& padding) {
  const std::int64_t rows = layer.input().dim(2);
  const std::int64_t columns = layer.input().dim(3);
  const std::int64_t padded_rows = rows + padding[0] + padding[1];
  const std::int64_t padded_columns = columns + padding[2] + padding[3];
  if (window.reach(0) <= padded_rows && window.reach(1) <= padded_columns) return;
  const bool padded = padded_rows != rows || padded_columns != columns;
  const bool dilated = window.dilations[0] != 1 || window.dilations[1] != 1;
  layer.fail_at(
      "kernel",
      "its window of " + size_text(window.reach(0), window.reach(1)) + " pixels" +
          (dilated ? " (kernel " + size_text(window.kernel[0], window.kernel[1]) + ", dilated)" : "") +
          " is larger than its input of " + size_text(rows, columns) +
          (padded ? ", padded to " + size_text(padded_rows, padded_columns) : ""),
      "make the kernel smaller, pad the input (padding = \"same\"), or shrink the images less in the layers "
      "before");
}

std::vector<ParameterSpec> pooling_parameters() {
  ParameterSpec stride = at_least(
      required_parameter("stride", {ParameterType::integer, ParameterType::integers},
                         "Pixels from one window to the next: one number, or [rows, columns]; without it "
                         "the kernel's size."),
      1);
  stride.optional = true;
  return {pair_parameter("kernel", 2, "Size of the window in pixels: one number, or [rows, columns]."),
          std::move(stride), padding_parameter("valid")};
}

PoolingGeometry pooling_geometry(const LayerBuilder& layer) {
  layer.require_rank(0, 4, "images (N×C×H×W)", "put the pooling before the flatten layer");
  const std::vector<std::int64_t> kernel = pair(layer, "kernel");
  const Window window{kernel, layer.parameters().has("stride") ? pair(layer, "stride") : kernel};
  const std::vector<std::int64_t> padding =
      padding_for(layer, window, layer.input().dim(2), layer.input().dim(3));
  require_fit(layer, window, padding);
  require_padding_below_kernel(layer, window, padding);
  return {window.kernel, window.strides, padding};
}

std::string size_text(std::int64_t rows, std::int64_t columns) {
  return std::to_string(rows) + "×" + std::to_string(columns);
}

}  // namespace generalizer::layers
