#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "support/evaluate.h"

/// ONNX's operator cases as programs of ours: cases.json and cases.safetensors, which translate.py made and describes.
namespace generalizer::test {

/// The fixture as a whole, read once.
const nlohmann::json& onnx_document();

/// One case, ready to be compiled.
struct OnnxCase {
  Program program;
  Arrays given;                 ///< the program's inputs by name
  std::vector<Array> expected;  ///< of its outputs, in order
};

/// Makes the program in `floating`, f32 or f64. Throws `Error` where the fixture asks for what there is not.
OnnxCase build_onnx_case(const nlohmann::json& entry, DType floating);

}  // namespace generalizer::test
