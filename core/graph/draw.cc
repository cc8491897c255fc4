#include "graph/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "graph/draw_text.h"
#include "graph/layer_builder.h"

namespace generalizer {
namespace {

constexpr const char* kFonts = "Helvetica,Arial,sans-serif";
constexpr const char* kGrey = "#555555";
constexpr const char* kNegative = "#b03030";
constexpr const char* kPositive = "#2f7d32";

/// The part of a layer's name before the slash at or after `from`: the block that it lies in. "" when it lies in none.
std::string block_of(const std::string& name, std::size_t from) {
  const std::size_t slash = name.find('/', from);
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

class Drawing {
 public:
  Drawing(const Graph& graph, const DrawOptions& options) : graph_(graph), options_(options) {}

  std::string text() {
    const std::string& name = graph_.spec().name;
    line("digraph " + dot_string(name) + " {");
    line(fmt::format("  label = {}; labelloc = b; fontname = \"{}\"; fontsize = 11; rankdir = {};",
                     caption(graph_.spec(), options_.legend), kFonts, options_.left_to_right ? "LR" : "TB"));
    line("  nodesep = 0.35; ranksep = 0.3; newrank = true;");
    line(
        fmt::format("  node [shape = box, style = \"rounded,filled\", fillcolor = white, color = \"{}\", "
                    "fontname = \"{}\", "
                    "fontsize = 11, margin = \"0.12,0.05\", height = 0.3];",
                    kGrey, kFonts));
    line(fmt::format(
        "  edge [fontname = \"{0}\", fontsize = 9, fontcolor = \"{1}\", color = \"{1}\", arrowsize = 0.6];",
        kFonts, kGrey));
    image_node("image", "image");
    draw_player(graph_.classifier(), 0, "classifier");
    for (std::size_t i = 0; i < graph_.decoders().size(); ++i)
      draw_player(graph_.decoders()[i], i + 1, graph_.decoders()[i].name);
    draw_edges(graph_.classifier(), {source_of(Place{})});
    draw_classifier_loss();
    for (std::size_t i = 0; i < graph_.decoders().size(); ++i) draw_decoder(i);
    line("}");
    return std::move(out_);
  }

 private:
  /// An end of an edge, and what stands along it.
  struct Source {
    std::string node;
    std::string label;
  };

  void line(const std::string& text) { out_ += text + "\n"; }

  /// Layers' nodes are "PLAYER/LAYER"; a slash keeps them apart from "image" and the losses. A folded block's is its name.
  std::string node_of(const Player& player, std::size_t layer) const {
    const std::string& name = player.layers[layer].spec->name.text;
    const std::string block = options_.fold_blocks ? block_of(name, 0) : "";
    return player.name + "/" + (block.empty() ? name : block);
  }

  Source source_of(const Player& player, std::size_t layer) const {
    return {node_of(player, layer), shape_without_batch(player.layers[layer].output)};
  }

  Source source_of(const Place& place) const {
    if (place.is_image()) return {"image", graph_.data().image.to_string()};
    return source_of(graph_.player_of(place), place.layer);
  }

  void image_node(const std::string& node, const std::string& title) {
    line(
        fmt::format("  {} [label = <{}<br/><font point-size=\"9\" color=\"{}\">{}</font>>, shape = ellipse];",
                    dot_string(node), title, kGrey, graph_.data().image.to_string()));
  }

  bool tapped(const std::string& node) const {
    for (const Fastening& fastening : graph_.fastenings()) {
      for (const Place& tap : fastening.taps) {
        if (source_of(tap).node == node) return true;
      }
    }
    return false;
  }

  /// What a layer, or all layers of a folded block, hold.
  struct Box {
    std::string title;
    std::string type;
    std::int64_t weights = 0;
    std::int64_t trained = 0;
    std::size_t layers = 0;
  };

  static std::string type_of(const GraphLayer& layer) {
    std::string text = layer.spec->type.text;
    for (const char* key : {"function", "activation"}) {
      const Parameters& values = layer.spec->parameters;
      if (values.has(key) && values.is_string(key) && values.string(key) != "linear")
        text += " · " + values.string(key);
    }
    return text;
  }

  void box_node(const std::string& indent, const std::string& node, const Box& box,
                const PlayerColours& colours) {
    std::string small = box.type;
    if (box.weights > 0) small += "\n" + grouped(box.weights) + (box.weights == 1 ? " weight" : " weights");
    const char* fill = box.weights == 0 ? "white" : box.trained == 0 ? "#dddddd" : colours.fill;
    const bool frozen = box.weights > 0 && box.trained == 0;
    line(
        fmt::format("{}{} [label = <<b>{}</b><br/><font point-size=\"9\" color=\"#333333\">{}</font>>, "
                    "fillcolor = \"{}\", color = "
                    "\"{}\"{}];",
                    indent, dot_string(node), html_text(box.title), html_text(small), fill,
                    frozen ? "#777777" : colours.line, tapped(node) ? ", penwidth = 3" : ""));
  }

  void draw_player(const Player& player, std::size_t number, const std::string& title) {
    const PlayerColours colours = colours_of(number);
    line(fmt::format("  subgraph {} {{", dot_string("cluster_" + player.name)));
    line(fmt::format(
        "    label = {0}; color = \"{1}\"; fontcolor = \"{1}\"; style = rounded; fontsize = 12; margin = 12; "
        "labelloc = b; labeljust = l;",
        dot_string(title), colours.line));
    if (options_.fold_blocks) {
      draw_folded(player, colours);
    } else {
      std::vector<std::size_t> all(player.layers.size());
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
      draw_open(player, all, 0, "    ", colours);
    }
    line("  }");
  }

  static void add(Box& box, const GraphLayer& layer) {
    box.weights += layer.weights;
    if (!layer.spec->freeze) box.trained += layer.weights;
    ++box.layers;
  }

  void draw_folded(const Player& player, const PlayerColours& colours) {
    std::vector<std::string> order;
    std::map<std::string, Box> boxes;
    for (std::size_t i = 0; i < player.layers.size(); ++i) {
      const std::string node = node_of(player, i);
      if (!boxes.contains(node)) order.push_back(node);
      Box& box = boxes[node];
      box.title = node.substr(player.name.size() + 1);
      box.type = type_of(player.layers[i]);
      add(box, player.layers[i]);
    }
    for (const std::string& node : order) {
      Box& box = boxes[node];
      if (box.layers > 1) box.type = fmt::format("block of {} layers", box.layers);
      box_node("    ", node, box, colours);
    }
  }

  /// The layers, those of a block in a frame of its own; their names have `from` characters in common, which the frames around them say.
  void draw_open(const Player& player, const std::vector<std::size_t>& layers, std::size_t from,
                 const std::string& indent, const PlayerColours& colours) {
    std::set<std::string> drawn;
    for (const std::size_t i : layers) {
      const std::string& name = player.layers[i].spec->name.text;
      const std::string block = block_of(name, from);
      if (block.empty()) {
        Box box{name.substr(from), type_of(player.layers[i]), 0, 0, 0};
        add(box, player.layers[i]);
        box_node(indent, node_of(player, i), box, colours);
      } else if (drawn.insert(block).second) {
        std::vector<std::size_t> inside;
        std::copy_if(layers.begin(), layers.end(), std::back_inserter(inside), [&](std::size_t k) {
          return player.layers[k].spec->name.text.starts_with(block + "/");
        });
        line(fmt::format("{}subgraph {} {{", indent, dot_string("cluster_" + player.name + "/" + block)));
        line(fmt::format(
            "{}  label = {}; color = \"{}\"; style = \"rounded,dashed\"; fontsize = 10; margin = 8;", indent,
            dot_string(block.substr(from)), colours.line));
        draw_open(player, inside, block.size() + 1, indent + "  ", colours);
        line(indent + "}");
      }
    }
  }

  void edge(const Source& from, const std::string& to, const std::string& more = {}) {
    line(fmt::format("  {} -> {} [label = {}{}];", dot_string(from.node), dot_string(to),
                     dot_string(from.label.empty() ? "" : " " + from.label + " "), more));
  }

  /// Edges within a player and from what it is fed; between two boxes one is enough.
  void draw_edges(const Player& player, const std::vector<Source>& from_outside) {
    std::set<std::pair<std::string, std::string>> drawn;
    for (std::size_t i = 0; i < player.layers.size(); ++i) {
      for (const std::size_t operand : player.layers[i].inputs) {
        const bool outside = GraphLayer::is_outside(operand, player.layers.size());
        const Source from = outside ? from_outside[GraphLayer::tap_of(operand)] : source_of(player, operand);
        const std::string to = node_of(player, i);
        if (from.node != to && drawn.emplace(from.node, to).second) edge(from, to);
      }
    }
  }

  void loss_node(const std::string& node, const std::string& title, const std::string& text,
                 const PlayerColours& colours) {
    line(fmt::format("  {} [label = <{}<br/><b>{}</b>>, style = filled, color = \"{}\"];", dot_string(node),
                     html_text(title), html_text(text), colours.line));
  }

  /// "total" is what the classifier minimises: its own loss and the decoders' signed terms.
  void draw_classifier_loss() {
    const Player& player = graph_.classifier();
    loss_node("total", "classifier minimises", classifier_sum(graph_.spec()), colours_of(0));
    if (graph_.spec().classifier.loss) edge(source_of(player, player.output), "total");
  }

  void draw_decoder(std::size_t index) {
    const DecoderSpec& spec = graph_.spec().decoders[index];
    const Player& player = graph_.decoders()[index];
    const Fastening& fastening = graph_.fastenings()[index];
    std::vector<Source> taps;
    for (const Place& place : fastening.taps) {
      const Source tap = source_of(place);
      taps.push_back({tap.node, "tap " + tap.label});
    }
    draw_edges(player, taps);
    const std::string loss = player.name + " loss";
    loss_node(loss, player.name + " minimises", terms_of(spec.loss), colours_of(index + 1));
    edge(source_of(player, player.output), loss);
    draw_target(fastening.target, player.name, loss);
    if (spec.sign != Sign::none) draw_way_back(spec, player, taps, loss);
  }

  /// The image as target is drawn again beside the loss: a line from the top would cross all.
  void draw_target(const Place& target, const std::string& player, const std::string& loss) {
    Source source = source_of(target);
    if (target.is_image()) {
      source.node = player + " target";
      image_node(source.node, "image");
      source.label.clear();
    }
    edge({source.node, source.label.empty() ? "target" : "target " + source.label}, loss,
         target.is_image() ? ", style = dotted" : ", style = dotted, constraint = false");
  }

  /// The loss on its way into the classifier's, and its gradient from the decoder back into what it taps.
  void draw_way_back(const DecoderSpec& spec, const Player& player, const std::vector<Source>& taps,
                     const std::string& loss) {
    const char* colour = spec.sign == Sign::negative ? kNegative : kPositive;
    const std::string style = fmt::format(", style = dashed, color = \"{0}\", fontcolor = \"{0}\"", colour);
    const std::string term =
        signed_weight(spec) + (spec.loss.terms.size() == 1 ? terms_of(spec.loss) : "loss");
    edge({loss, term}, "total", style);
    std::set<std::pair<std::string, std::string>> drawn;
    for (std::size_t i = 0; i < player.layers.size(); ++i) {
      for (const std::size_t operand : player.layers[i].inputs) {
        if (!GraphLayer::is_outside(operand, player.layers.size())) continue;
        const std::string& tap = taps[GraphLayer::tap_of(operand)].node;
        if (drawn.emplace(node_of(player, i), tap).second)
          edge({node_of(player, i), "∇"}, tap, style + ", constraint = false");
      }
    }
  }

  const Graph& graph_;
  const DrawOptions& options_;
  std::string out_;
};

}  // namespace

std::string to_dot(const Graph& graph, const DrawOptions& options) { return Drawing(graph, options).text(); }

}  // namespace generalizer
