#include "config/precision.h"

#include <algorithm>

namespace generalizer {
namespace {

constexpr Precision kPrecisions[] = {Precision::f32, Precision::f64, Precision::tf32, Precision::bf16};

template <class T>
bool contains(const std::vector<T>& list, T wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

const char* name_of(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return "f32";
    case Precision::f64:
      return "f64";
    case Precision::tf32:
      return "tf32";
    case Precision::bf16:
      return "bf16";
  }
  return "";
}

DType floating_type(Precision precision) { return precision == Precision::f64 ? DType::f64 : DType::f32; }

Arithmetic arithmetic(Precision precision) {
  if (precision == Precision::tf32) return Arithmetic::tf32;
  return precision == Precision::bf16 ? Arithmetic::bf16 : Arithmetic::exact;
}

Precision precision_called(const std::string& name) {
  for (const Precision precision : kPrecisions) {
    if (name == name_of(precision)) return precision;
  }
  return Precision::f32;
}

std::vector<Precision> precisions_of(const BackendReport& report) {
  std::vector<Precision> result;
  for (const Precision precision : kPrecisions) {
    if (contains(report.floating_types, floating_type(precision)) && contains(report.arithmetics, arithmetic(precision)))
      result.push_back(precision);
  }
  return result;
}

}  // namespace generalizer
