#include "writer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace generalizer::cuda {

const char* device_type(DType type) {
  switch (type) {
    case DType::f32:
      return "float";
    case DType::f64:
      return "double";
    case DType::i32:
      return "int";
    case DType::i64:
      return "long long";
    case DType::u8:
      return "unsigned char";
  }
  return "";
}

std::string literal(double number) {
  if (std::isnan(number)) return "(0.0 / 0.0)";
  if (std::isinf(number)) return number > 0 ? "(1.0 / 0.0)" : "(-1.0 / 0.0)";
  const std::string text = fmt::format("{:.17g}", number);
  const bool whole = text.find_first_of(".e") == std::string::npos;
  return (number < 0 ? "(" : "") + text + (whole ? ".0" : "") + (number < 0 ? ")" : "");
}

std::string literal(std::int64_t number) {
  const char* suffix = number > INT32_MAX || number < -INT32_MAX ? "LL" : "";
  return number < 0 ? fmt::format("({}{})", number, suffix) : fmt::format("{}{}", number, suffix);
}

std::string position(const std::string& i, const Shape& shape, const std::vector<std::int64_t>& strides) {
  const std::vector<std::int64_t> own = shape.strides();
  bool same = true;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) same = same && (shape[axis] == 1 || strides[axis] == own[axis]);
  if (same) return i;
  std::string text;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == 1 || strides[axis] == 0) continue;
    std::string index = own[axis] == 1 ? i : fmt::format("{} / {}", i, literal(own[axis]));
    if (axis > 0) index = fmt::format("({}) % {}", index, literal(shape[axis]));  // the outermost is never beyond its extent
    text += (text.empty() ? "" : " + ") + fmt::format("({}) * {}", index, literal(strides[axis]));
  }
  return text.empty() ? "0" : text;
}

std::vector<std::int64_t> broadcast_strides(const Shape& operand, const Shape& result) {
  const std::vector<std::int64_t> own = operand.strides();
  std::vector<std::int64_t> strides(result.rank(), 0);
  for (std::size_t k = 0; k < operand.rank(); ++k) {
    const std::size_t axis = operand.rank() - 1 - k;
    if (operand[axis] != 1) strides[result.rank() - 1 - k] = own[axis];
  }
  return strides;
}

Work Writer::work(Form form) const {
  Work work;
  work.form = form;
  work.node = &node_;
  for (const ValueId id : node_.inputs) work.operands.push_back(works_.source(id));
  for (const ValueId id : node_.outputs) work.results.push_back(works_.source(id));
  return work;
}

void Writer::threads(std::int64_t items, const std::string& body) const {
  Work made = work(Form::map);
  made.items = items;
  made.body = body;
  works_.add(std::move(made));
}

void Writer::blocks(std::int64_t items, const std::string& body) const {
  Work made = work(Form::blocks);
  made.items = items;
  made.body = body;
  works_.add(std::move(made));
}

void Writer::finish(ValueId partial, ValueId result, const std::string& expression) const {
  Work made = work(Form::finish);
  made.operands = {partial};
  made.results = {result};
  made.items = 1;
  made.body = expression;
  works_.add(std::move(made));
}

}  // namespace generalizer::cuda
