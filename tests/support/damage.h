#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace generalizer::test {

/// Small numbers, the same on every machine (Knuth's MMIX generator).
class Random {
 public:
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33) % bound;
  }

 private:
  std::uint64_t state_ = 1;
};

/// The text after one to `most` changes at random places: something taken out, or a piece put in or in place of something.
inline std::string damaged(std::string text, const std::vector<std::string>& pieces, std::size_t most, Random& random) {
  for (std::size_t change = 0; change <= random.below(most); ++change) {
    const std::size_t at = random.below(text.size());
    switch (random.below(3)) {
      case 0:
        text.erase(at, 1 + random.below(12));
        break;
      case 1:
        text.insert(at, pieces[random.below(pieces.size())]);
        break;
      default:
        text.replace(at, 1 + random.below(6), pieces[random.below(pieces.size())]);
    }
  }
  return text;
}

}  // namespace generalizer::test
