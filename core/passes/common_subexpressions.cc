#include <fmt/format.h>

#include <bit>
#include <map>
#include <string>

#include "passes/passes.h"
#include "passes/rewriter.h"

namespace generalizer {
namespace {

/// Everything that a node's results depend on. Numbers are compared by their bits: scaling by 0.0 and by −0.0 differ.
struct Expression {
  const OpDefinition* op = nullptr;
  std::vector<ValueId> operands;
  std::string attributes;

  auto operator<=>(const Expression&) const = default;
};

/// A text that is equal for equal attributes only: each part is preceded by its kind and length.
std::string key_of(const Attributes& attributes) {
  struct Visitor {
    std::string operator()(std::int64_t v) const { return fmt::format("i{}", v); }
    std::string operator()(double v) const { return fmt::format("d{}", std::bit_cast<std::uint64_t>(v)); }
    std::string operator()(const std::string& v) const { return fmt::format("s{}:{}", v.size(), v); }
    std::string operator()(const std::vector<std::int64_t>& v) const {
      return fmt::format("l{}:{}", v.size(), fmt::join(v, ":"));
    }
    std::string operator()(const std::vector<double>& v) const {
      std::string text = fmt::format("n{}", v.size());
      for (const double number : v) text += fmt::format(":{}", std::bit_cast<std::uint64_t>(number));
      return text;
    }
  };
  std::string text;
  for (const auto& [name, value] : attributes.values()) {
    text += fmt::format("{}:{}{};", name.size(), name, std::visit(Visitor{}, value));
  }
  return text;
}

}  // namespace

Program eliminate_common_subexpressions(const Program& program) {
  Rewriter rewriter(program);
  rewriter.declare_all_variables();
  std::map<Expression, const Node*> known;  // the first node of the source that computes it
  for (const Node& node : program.nodes()) {
    Expression expression{node.op, {}, key_of(node.attributes)};
    for (const ValueId input : node.inputs) expression.operands.push_back(rewriter(input));
    const auto [first, is_new] = known.try_emplace(std::move(expression), &node);
    if (is_new) {
      rewriter.copy(node);
      continue;
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i)
      rewriter.replace(node.outputs[i], rewriter(first->second->outputs[i]));
  }
  return rewriter.finish();
}

}  // namespace generalizer
