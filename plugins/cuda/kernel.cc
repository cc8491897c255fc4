#include "kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "segment_text.h"
#include "writer.h"

namespace generalizer::cuda {
namespace {

using Kind = Segment::Kind;

std::int64_t up(std::int64_t number, std::int64_t to) { return (number + to - 1) / to * to; }
std::int64_t power_of_two_from(std::int64_t number) { return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(number))); }

Tiles tiles_of_elements(std::int64_t elements) {
  constexpr std::int64_t most = 1024;           // that many blocks fill the largest device
  constexpr std::int64_t many = 256 * most;     // below that, more threads are worth more than wider reads
  Tiles tiles;
  tiles.together = elements % 4 == 0 && elements >= many ? 4 : 1;
  const std::int64_t least = kBlockThreads * tiles.together;
  tiles.elements = std::max(least, up((elements + most - 1) / most, least));
  tiles.count = (elements + tiles.elements - 1) / tiles.elements;
  return tiles;
}

Tiles tiles_of_groups(const Groups& groups) {
  Tiles tiles;
  if (groups.neighbours_differ) {
    tiles.side_by_side = std::min<std::int64_t>(32, power_of_two_from(groups.groups));
    tiles.lanes = std::min<std::int64_t>(kBlockThreads / tiles.side_by_side, power_of_two_from(groups.count));
    tiles.side_by_side = kBlockThreads / tiles.lanes;
  } else {
    tiles.lanes = std::min<std::int64_t>(kBlockThreads, power_of_two_from(groups.count));
    tiles.side_by_side = kBlockThreads / tiles.lanes;
  }
  tiles.count = (groups.groups + tiles.side_by_side - 1) / tiles.side_by_side * groups.chunks;
  return tiles;
}

bool is_read(const Works& works, const Segment& segment, const Work& work, std::size_t k) {
  if (work.access[k] == Access::none) return false;
  const std::size_t maker = works.maker_index(work.operands[k]);
  if (maker == kNobody || work.access[k] == Access::memory) return true;
  return !works[maker].literal && std::find(segment.works.begin(), segment.works.end(), maker) == segment.works.end();
}

void add_once(std::vector<ValueId>& ids, ValueId id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

/// Whether the segment reads an element of the operand in the thread that makes the element of a result, and nowhere else.
bool reads_in_place(const Segment& segment, Access access) {
  if (segment.kind == Kind::single) return access == Access::element || access == Access::scalar;
  return (segment.kind == Kind::linear || segment.kind == Kind::grouped) && access == Access::element;
}

/// For each of the kernel's reads the one segment that reads it in place, or none.
std::vector<const Segment*> readers_in_place(const Works& works, const Launch& launch, const Kernel& kernel) {
  std::vector<const Segment*> only(kernel.reads, nullptr);
  std::vector<bool> open(kernel.reads, true);
  for (const Segment& segment : launch.segments) {
    for (const std::size_t w : segment.works) {
      for (std::size_t k = 0; k < works[w].operands.size(); ++k) {
        if (!is_read(works, segment, works[w], k)) continue;
        const auto found = std::find(kernel.arguments.begin(), kernel.arguments.end(), works[w].operands[k]);
        const auto index = static_cast<std::size_t>(found - kernel.arguments.begin());
        if (!reads_in_place(segment, works[w].access[k]) || (only[index] != nullptr && only[index] != &segment)) open[index] = false;
        only[index] = &segment;
      }
    }
  }
  for (std::size_t k = 0; k < only.size(); ++k) {
    if (!open[k]) only[k] = nullptr;
  }
  return only;
}

void find_in_place(const Works& works, const Launch& launch, Kernel& kernel) {
  const std::vector<const Segment*> readers = readers_in_place(works, launch, kernel);
  for (const Segment& segment : launch.segments) {
    for (const std::size_t w : segment.works) {
      const Work& work = works[w];
      for (std::size_t r = 0; r < work.results.size(); ++r) {
        const bool of_element = work.form == Form::map || work.form == Form::finish ||
                                std::any_of(work.of_element.begin(), work.of_element.end(), [&](const auto& made) { return made.first == r; });
        const auto written = std::find(kernel.arguments.begin() + static_cast<std::ptrdiff_t>(kernel.reads), kernel.arguments.end(), work.results[r]);
        if (!of_element || written == kernel.arguments.end()) continue;
        for (std::size_t k = 0; k < kernel.reads; ++k) {
          if (readers[k] == &segment) kernel.in_place.emplace_back(static_cast<std::size_t>(written - kernel.arguments.begin()), k);
        }
      }
    }
  }
}

}  // namespace

Tiles tiles_of(const Segment& segment) {
  switch (segment.kind) {
    case Kind::linear:
      return tiles_of_elements(segment.items);
    case Kind::grouped:
      return tiles_of_groups(segment.groups);
    case Kind::blocks: {
      Tiles tiles;
      tiles.count = segment.items;
      return tiles;
    }
    case Kind::single:
    case Kind::call:
      break;
  }
  return {};
}

Sizes::Sizes(const Works& works, const Fusion& fusion) : works_(works), partials_(works.values()) {
  for (const Launch& launch : fusion.launches()) {
    for (const Segment& segment : launch.segments) {
      for (const std::size_t w : segment.works) {
        if (works[w].form == Form::total) partials_[static_cast<std::size_t>(works[w].results[0])] = tiles_of(segment).count;
      }
    }
  }
}

std::int64_t Sizes::bytes(ValueId id) const {
  return partials(id) > 0 ? partials(id) * static_cast<std::int64_t>(sizeof(double)) : works_.type(id).bytes();
}

Kernel kernel_of(const Works& works, const Fusion& fusion, const Sizes& sizes, const Launch& launch, const std::string& name) {
  Kernel kernel;
  kernel.name = name;
  std::vector<ValueId> written;
  std::int64_t largest = 0;
  for (const Segment& segment : launch.segments) {
    for (const std::size_t w : segment.works) {
      for (std::size_t k = 0; k < works[w].operands.size(); ++k) {
        largest = std::max(largest, works.type(works[w].operands[k]).shape.elements());
        if (is_read(works, segment, works[w], k)) add_once(kernel.arguments, works[w].operands[k]);
      }
      for (const ValueId id : works[w].results) {
        largest = std::max(largest, works.type(id).shape.elements());
        if (fusion.in_memory(id)) add_once(written, id);
      }
    }
  }
  kernel.reads = kernel.arguments.size();
  kernel.arguments.insert(kernel.arguments.end(), written.begin(), written.end());

  std::string parameters;
  for (std::size_t k = 0; k < kernel.arguments.size(); ++k) {
    const char* type = device_type(works.type(kernel.arguments[k]).dtype);
    parameters += (k == 0 ? "" : ", ") + (k < kernel.reads ? fmt::format("const {}* in{}", type, k) : fmt::format("{}* out{}", type, k));
  }
  std::string body;
  for (const Segment& segment : launch.segments) {
    const std::int64_t begin = kernel.tiles;
    const SegmentText text = text_of(works, fusion, sizes, segment, kernel);
    kernel.tiles += tiles_of(segment).count;
    kernel.barriers = kernel.barriers || text.barriers;
    body += fmt::format("    {}if (block < {}) {{\n      const I tile = (I)(block - {});\n{}    }}\n", begin == 0 ? "" : "else ", kernel.tiles, begin, text.body);
  }
  // Indices of 32 bits where they do.
  const char* index = largest < std::int64_t{1} << 30 ? "int" : "long long";
  kernel.text = fmt::format("extern \"C\" KERNEL void {}({}) {{\n  typedef {} I;\n{}  for (int block = blockIdx.x; block < {}; block += gridDim.x) {{\n{}  }}\n}}\n", name,
                            parameters, index, kernel.barriers ? fmt::format("  __shared__ double shared[{}];\n", kBlockThreads) : "", kernel.tiles, body);
  find_in_place(works, launch, kernel);
  return kernel;
}

}  // namespace generalizer::cuda
