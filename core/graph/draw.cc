#include "graph/draw.h"

#include <fmt/format.h>

#include "graph/layer_builder.h"

namespace generalizer {
namespace {

// Blue for what learns the answer, orange for what recreates the input; both print well in grey.
constexpr const char* classifier_colour = "#dbe9f6";
constexpr const char* decoder_colour = "#fde3cf";
constexpr const char* tap_colour = "#f2b98a";

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// "1 234 567"
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, " ");
  return text;
}

/// A multiply-add is two operations: "4.2 MFLOP".
std::string flops_text(double flops) {
  if (flops >= 1e9) return fmt::format("{:.1f} GFLOP", flops / 1e9);
  if (flops >= 1e6) return fmt::format("{:.1f} MFLOP", flops / 1e6);
  if (flops >= 1e3) return fmt::format("{:.1f} kFLOP", flops / 1e3);
  return fmt::format("{:.0f} FLOP", flops);
}

class Drawing {
 public:
  explicit Drawing(const Graph& graph) : graph_(graph) {}

  std::string text() {
    const std::string& name = graph_.spec().name;
    line(fmt::format("digraph {} {{", quoted(name)));
    line(fmt::format("  label = {}; labelloc = t; fontname = \"Helvetica\"; rankdir = TB;", quoted(name)));
    line("  node [shape = box, style = \"rounded,filled\", fontname = \"Helvetica\", fontsize = 11];");
    line("  edge [fontname = \"Helvetica\", fontsize = 9];");
    line(fmt::format("  \"image\" [label = {}, shape = ellipse, fillcolor = \"white\"];",
                     quoted("image\n" + graph_.data().image.to_string())));
    draw_player(graph_.classifier(), "the classifier", classifier_colour);
    for (const Player& decoder : graph_.decoders())
      draw_player(decoder, "decoder " + decoder.name, decoder_colour);
    draw_edges(graph_.classifier(), {source_of(Place{})});
    draw_classifier_loss();
    for (std::size_t i = 0; i < graph_.decoders().size(); ++i) draw_decoder(i);
    line("}");
    return std::move(out_);
  }

 private:
  /// An end of an edge, and the shape that goes along it.
  struct Source {
    std::string node;
    std::string shape;
  };

  void line(const std::string& text) { out_ += text + "\n"; }

  /// Layers' nodes are "PLAYER/LAYER"; a slash keeps them apart from "image" and the losses.
  static std::string node_of(const Player& player, std::size_t layer) {
    return player.name + "/" + player.layers[layer].spec->name.text;
  }

  static Source source_of(const Player& player, std::size_t layer) {
    return {node_of(player, layer), shape_without_batch(player.layers[layer].output)};
  }

  /// The image's node, or a layer's of any player.
  Source source_of(const Place& place) const {
    if (place.is_image()) return {"image", graph_.data().image.to_string()};
    return source_of(graph_.player_of(place), place.layer);
  }

  bool tapped(const Player& player, std::size_t layer) const {
    for (const Fastening& fastening : graph_.fastenings()) {
      for (const Place& tap : fastening.taps) {
        if (&graph_.player_of(tap) == &player && tap.layer == layer) return true;
      }
    }
    return false;
  }

  void draw_player(const Player& player, const std::string& title, const char* colour) {
    line(fmt::format("  subgraph {} {{", quoted("cluster_" + player.name)));
    line(fmt::format("    label = {}; color = \"#999999\"; style = rounded;", quoted(title)));
    for (std::size_t i = 0; i < player.layers.size(); ++i) {
      const GraphLayer& layer = player.layers[i];
      std::string text = layer.spec->name.text + "\n" + layer.spec->type.text;
      if (layer.weights > 0) text += "\n" + grouped(layer.weights) + " weights";
      if (layer.flops > 0)
        text += "\n" + flops_text(layer.flops / static_cast<double>(graph_.spec().train.batch)) + " an image";
      const bool tap = tapped(player, i);
      line(fmt::format("    {} [label = {}, fillcolor = \"{}\"{}];", quoted(node_of(player, i)), quoted(text),
                       tap ? tap_colour : colour, tap ? ", penwidth = 2" : ""));
    }
    line("  }");
  }

  void edge(const Source& from, const std::string& to, const std::string& more = {}) {
    line(fmt::format("  {} -> {} [label = {}{}];", quoted(from.node), quoted(to), quoted(from.shape), more));
  }

  void draw_edges(const Player& player, const std::vector<Source>& from_outside) {
    for (std::size_t i = 0; i < player.layers.size(); ++i) {
      for (const std::size_t operand : player.layers[i].inputs) {
        const bool outside = GraphLayer::is_outside(operand, player.layers.size());
        edge(outside ? from_outside[GraphLayer::tap_of(operand)] : source_of(player, operand),
             node_of(player, i));
      }
    }
  }

  /// `mse`, or `0.7 mse + 0.3 ssim`
  static std::string terms_of(const LossSpec& loss) {
    if (loss.single() != nullptr && loss.terms.front().weight == 1.0) return loss.single()->type.text;
    std::string text;
    for (const LossTerm& term : loss.terms)
      text += fmt::format("{}{} {}", text.empty() ? "" : " + ", term.weight, term.loss.type.text);
    return text;
  }

  /// "total" is what the classifier minimises: its own loss and the decoders' signed terms.
  void draw_classifier_loss() {
    const Player& player = graph_.classifier();
    const auto& loss = graph_.spec().classifier.loss;
    const std::string text =
        loss ? "classifier's loss\n" + terms_of(*loss) : "classifier's loss\nits decoders' alone";
    line(fmt::format("  \"total\" [label = {}, shape = ellipse, fillcolor = \"white\"];", quoted(text)));
    if (loss) edge(source_of(player, player.output), "total");
  }

  void draw_decoder(std::size_t index) {
    const DecoderSpec& spec = graph_.spec().decoders[index];
    const Player& player = graph_.decoders()[index];
    const Fastening& fastening = graph_.fastenings()[index];
    std::vector<Source> taps;
    for (const Place& place : fastening.taps) {
      const Source tap = source_of(place);
      taps.push_back({tap.node, "tap\n" + tap.shape});
    }
    draw_edges(player, taps);

    const std::string loss = player.name + " loss";
    line(fmt::format("  {} [label = {}, shape = ellipse, fillcolor = \"white\"];", quoted(loss),
                     quoted(player.name + "'s loss\n" + terms_of(spec.loss))));
    edge(source_of(player, player.output), loss);
    const Source target = source_of(fastening.target);
    edge({target.node, "target\n" + target.shape}, loss, ", style = dotted");
    if (spec.sign == Sign::none) return;
    const bool negative = spec.sign == Sign::negative;
    edge({loss, fmt::format("{}{} ×", negative ? "−" : "+", spec.weight)}, "total",
         fmt::format(", style = dashed, color = \"{0}\", fontcolor = \"{0}\"",
                     negative ? "#b03030" : "#2f7d32"));
  }

  const Graph& graph_;
  std::string out_;
};

}  // namespace

std::string to_dot(const Graph& graph) { return Drawing(graph).text(); }

}  // namespace generalizer
