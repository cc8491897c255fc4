#include "graph/draw_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace generalizer {
namespace {

constexpr std::array<PlayerColours, 5> kColours = {{{"#dbe9f6", "#2f6299"},
                                                    {"#d9efd9", "#2f7d3f"},
                                                    {"#fde5cd", "#b4641d"},
                                                    {"#e7def4", "#6d4fa0"},
                                                    {"#d3eeee", "#227f7f"}}};

/// A row of the legend: a sample of `cell` attributes holding `sample`, and what it stands for.
std::string row(const std::string& cell, const std::string& sample, const std::string& meaning) {
  return fmt::format("<tr><td {} width=\"34\">{}</td><td align=\"left\">{}</td></tr>", cell, sample,
                     html_text(meaning));
}

std::string step_row(std::size_t player, const std::string& meaning) {
  const PlayerColours colours = colours_of(player);
  return row(fmt::format("border=\"1\" color=\"{}\" bgcolor=\"{}\"", colours.line, colours.fill), "",
             meaning);
}

/// "every step", "every 3rd step" in words that need no ordinals.
std::string rhythm(std::int64_t every) {
  return every == 1 ? "after each step of the classifier"
                    : fmt::format("after every {} steps of the classifier", every);
}

/// Whether what enters the classifier's loss is the distance to mean images, which is added.
bool toward_mean_images(const DecoderSpec& decoder) {
  return decoder.sign == Sign::negative &&
         (decoder.objective == Objective::uniform || decoder.objective == Objective::class_mean);
}

/// "mse(autoencoder)", "mse(autoencoder, class mean)"; a sum has no short name: "loss(autoencoder)".
std::string loss_of(const DecoderSpec& decoder) {
  const std::string wanted = !toward_mean_images(decoder) ? ""
                             : decoder.objective == Objective::uniform ? ", mean image"
                                                                       : ", class mean";
  return (decoder.loss.terms.size() == 1 ? terms_of(decoder.loss) : "loss") + "(" + decoder.name.text + wanted + ")";
}

bool has_penalties(const std::vector<LayerSpec>& layers) {
  return std::any_of(layers.begin(), layers.end(),
                     [](const LayerSpec& layer) { return layer.l1 > 0 || layer.l2 > 0; });
}

bool has_frozen(const std::vector<LayerSpec>& layers) {
  return std::any_of(layers.begin(), layers.end(), [](const LayerSpec& layer) { return layer.freeze; });
}

}  // namespace

PlayerColours colours_of(std::size_t player) {
  return player == 0 ? kColours[0] : kColours[1 + (player - 1) % (kColours.size() - 1)];
}

std::string dot_string(const std::string& text) {
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

std::string html_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "<br/>";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, " ");
  return text;
}

std::string terms_of(const LossSpec& loss) {
  std::string text;
  for (const LossTerm& term : loss.terms) {
    if (!text.empty()) text += " + ";
    if (term.weight != 1.0) text += fmt::format("{}·", term.weight);
    text += term.loss.type.text;
  }
  return text;
}

std::string signed_weight(const DecoderSpec& decoder) {
  if (decoder.sign == Sign::none) return {};
  const std::string sign = decoder.sign == Sign::negative && !toward_mean_images(decoder) ? "−" : "+";
  return decoder.weight == 1.0 ? sign : sign + fmt::format("{}·", decoder.weight);
}

std::string classifier_sum(const GraphSpec& spec) {
  std::string text = spec.classifier.loss ? terms_of(*spec.classifier.loss) : "";
  for (const DecoderSpec& decoder : spec.decoders) {
    std::string part = signed_weight(decoder);
    if (part.empty() || !decoder.member_of.empty()) continue;
    if (text.empty()) {
      text = (part.starts_with("+") ? part.substr(1) : part) + loss_of(decoder);
    } else {
      const std::size_t sign = part.starts_with("+") ? 1 : std::string("−").size();
      text += " " + part.substr(0, sign) + " " + part.substr(sign) + loss_of(decoder);
    }
  }
  return has_penalties(spec.classifier.layers) ? text + " + penalties" : text;
}

namespace {

std::string legend(const GraphSpec& spec) {
  std::string rows = step_row(0, "trained in the classifier's step, by " + classifier_sum(spec));
  bool frozen = has_frozen(spec.classifier.layers);
  bool negative = false;
  bool positive = false;
  for (std::size_t i = 0; i < spec.decoders.size(); ++i) {
    const DecoderSpec& decoder = spec.decoders[i];
    rows += step_row(
        i + 1, fmt::format("trained in {}'s step, {}, by {}{}", decoder.name.text, rhythm(decoder.every),
                           terms_of(decoder.loss), has_penalties(decoder.layers) ? " + penalties" : ""));
    frozen = frozen || has_frozen(decoder.layers);
    negative = negative || decoder.sign == Sign::negative;
    positive = positive || decoder.sign == Sign::positive;
  }
  rows += row("border=\"1\" color=\"#777777\" bgcolor=\"white\"", "", "without weights");
  if (frozen)
    rows +=
        row("border=\"1\" color=\"#777777\" bgcolor=\"#dddddd\"", "", "frozen: weights that no step moves");
  if (!spec.decoders.empty()) rows += row("border=\"3\" color=\"#444444\"", "", "tapped by a decoder");
  if (negative)
    rows += row("border=\"0\"", "<font color=\"#b03030\">╌╌▸</font>",
                "the negated loss, and its gradient back through the decoder: the classifier unlearns");
  if (positive)
    rows += row("border=\"0\"", "<font color=\"#2f7d32\">╌╌▸</font>",
                "the loss, and its gradient back through the decoder: the classifier helps");
  return "<table border=\"0\" cellborder=\"0\" cellspacing=\"4\" cellpadding=\"3\">" + rows + "</table>";
}

}  // namespace

std::string caption(const GraphSpec& spec, bool with_legend) {
  const std::string title = "<font point-size=\"14\"><b>" + html_text(spec.name) + "</b></font>";
  if (!with_legend) return "<" + title + ">";
  return "<<table border=\"0\" cellborder=\"0\"><tr><td height=\"8\"></td></tr><tr><td align=\"left\">" +
         title + "</td></tr><tr><td align=\"left\">" + legend(spec) + "</td></tr></table>>";
}

}  // namespace generalizer
