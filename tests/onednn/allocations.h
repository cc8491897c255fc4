#pragma once

#include <cstddef>

namespace generalizer::test {

/// Counts what all threads of the program ask the heap for while one lives: operator new, and the C library's functions beneath it.
class AllocationCount {
 public:
  AllocationCount();
  ~AllocationCount();
  AllocationCount(const AllocationCount&) = delete;
  AllocationCount& operator=(const AllocationCount&) = delete;

  /// Whether this build can count: not where a sanitizer has put itself in the heap's place.
  static bool works();
  std::size_t ours() const;
  std::size_t of_libraries() const;  ///< by oneDNN and OpenMP, which nobody here can change
};

}  // namespace generalizer::test
