#pragma once

#include <initializer_list>
#include <span>
#include <string>

#include "generalizer/op.h"

/// Checks that several shape rules share. Each throws `Error` with a clause that says what was found and what
/// was expected.
namespace generalizer::ops {

/// The floating type that the first `names.size()` operands have in common.
DType common_floating_type(const OpSignature& signature, std::initializer_list<const char*> names);

/// `layout` names the axes: "batch×channels×height×width".
void require_rank(const Shape& shape, const char* name, std::size_t rank, const char* layout);
void require_rank_at_least(const Shape& shape, const char* name, std::size_t rank, const char* layout);

/// `why` completes "must be 3×4, …": "the shape of the convolution's output".
void require_shape(const Shape& shape, const char* name, const Shape& expected, const std::string& why);

/// The attribute as exactly `count` integers, each at least `minimum`.
std::span<const std::int64_t> integer_list(const Attributes& attributes, const char* name, std::size_t count,
                                           std::int64_t minimum);

/// "1,0,2"
std::string join(std::span<const std::int64_t> numbers, const char* separator = ",");

}  // namespace generalizer::ops
