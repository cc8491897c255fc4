#pragma once

#include <memory>
#include <string>

#include "generalizer/registry.h"
#include "support/evaluate.h"

/// The backend under test. GENERALIZER_TEST_BACKEND names it and its floating type, as in "onednn/f32" (the default is
/// "reference/f64"); GENERALIZER_PLUGIN_PATH may name more plugins than this build's own.
namespace generalizer::test {

struct Target {
  std::string backend;
  DType floating = DType::f64;
  double tolerance = 0.0;  ///< of a result, relative to the largest element of its tensor
};

/// Throws `Error` where the environment names a floating type that is none.
const Target& target();

/// A session of its own on the backend under test, or null after `skip` where the backend says that this machine can't run it. Throws `Error`
/// where no loaded plugin brings the backend, or it does not compute in the type.
std::unique_ptr<Session> open_session();

/// Compiles the program and runs it once. `given` holds its inputs and all or some of its variables by name; afterwards it has the
/// program's variables as they are in the session.
Arrays run(Session& session, const Program& program, Arrays& given);
Arrays run(Executable& executable, const Arrays& inputs);

void write(Session& session, const std::string& name, const Array& array);
Array read(Session& session, const std::string& name);

/// Fails where the two differ by more than the tolerance times the largest element of `expected`, or times `least_scale` if that is
/// larger; whole numbers must be equal.
void require_agreement(const Array& found, const Array& expected, double tolerance, double least_scale = 0.0);

}  // namespace generalizer::test
