#include "lower/terms.h"

#include <algorithm>

namespace generalizer {
namespace {

bool is_against(const DecoderSpec& decoder) { return decoder.sign == Sign::negative; }

bool asks_for_mean_images(const DecoderSpec& decoder) {
  return is_against(decoder) && (decoder.objective == Objective::uniform || decoder.objective == Objective::class_mean);
}

/// Of several decoders the classifier faces the one with the lowest loss.
class Facing {
 public:
  Facing(Forward& forward, const std::vector<DecoderTerm>& members) : forward_(forward), members_(members) {}

  Tensor lowest_loss() const {
    forward_.program().set_scope(first().name.text + " best");
    Tensor best = members_.front().loss;
    for (std::size_t i = 1; i < members_.size(); ++i) best = minimum(best, members_[i].loss);
    return best;
  }

  /// The loss of the best decoder's output against mean images.
  Tensor toward_mean_images() const {
    const bool by_class = first().objective == Objective::class_mean;
    const Tensor wanted = by_class ? forward_.class_mean_images() : forward_.mean_images();
    const auto distance = [&](const DecoderTerm& member) {
      return forward_.decoder_loss_between(member.decoder, forward_.decoder_output(member.decoder), wanted);
    };
    Tensor best = members_.front().loss;
    Tensor value = distance(members_.front());
    for (std::size_t i = 1; i < members_.size(); ++i) {
      const Tensor other = distance(members_[i]);
      forward_.program().set_scope(first().name.text + " best");
      const Tensor stays = greater_equal(stop_gradient(members_[i].loss - best), 0.0);
      value = select(stays, value, other);
      best = minimum(best, members_[i].loss);
    }
    return value;
  }

 private:
  const DecoderSpec& first() const { return *members_.front().spec; }

  Forward& forward_;
  const std::vector<DecoderTerm>& members_;
};

/// F[]: what the loss is worth at most.
Tensor ceiling_of(Forward& forward, const DecoderSpec& decoder) {
  if (!decoder.ceiling->mean_image) return fill(forward.program(), forward.scalar(), decoder.ceiling->value);
  return forward.declare({decoder.name.text + "/ceiling", forward.scalar(), VariableRole::given, "", zeros()});
}

/// loss times ±weight
Tensor weighted(Forward& forward, const DecoderSpec& decoder, const Tensor& loss, double sign) {
  if (!weight_varies(decoder)) return affine(loss, sign * decoder.weight, 0.0);
  const Tensor weight = forward.declare(
      {decoder.name.text + "/weight", forward.scalar(), VariableRole::given, "", constant(decoder.weight)});
  return affine(loss * weight, sign, 0.0);
}

/// The decoder's term and those of the other members of its ensemble.
std::vector<DecoderTerm> members_among(const std::vector<DecoderTerm>& terms, const DecoderTerm& first) {
  std::vector<DecoderTerm> members;
  for (const DecoderTerm& term : terms) {
    if (term.decoder == first.decoder || term.spec->member_of == first.spec->name.text) members.push_back(term);
  }
  return members;
}

/// What the classifier minimises for the decoder, or for its ensemble, with sign and weight.
Tensor value_of(Forward& forward, const std::vector<DecoderTerm>& members) {
  const DecoderSpec& decoder = *members.front().spec;
  const Facing facing(forward, members);
  if (asks_for_mean_images(decoder)) {
    const Tensor distance = facing.toward_mean_images();
    forward.program().set_scope("total");
    return weighted(forward, decoder, distance, 1.0);
  }
  const Tensor loss = members.size() == 1 ? members.front().loss : facing.lowest_loss();
  forward.program().set_scope("total");
  if (!is_against(decoder)) return weighted(forward, decoder, loss, 1.0);
  return weighted(forward, decoder, decoder.ceiling ? minimum(loss, ceiling_of(forward, decoder)) : loss, -1.0);
}

}  // namespace

bool enters_classifier(const DecoderSpec& decoder) {
  return decoder.sign != Sign::none && decoder.weight != 0.0;
}

bool learns_with_classifier(const DecoderSpec& decoder) {
  return enters_classifier(decoder) && is_against(decoder) && decoder.objective == Objective::gradient_reversal;
}

bool weight_varies(const DecoderSpec& decoder) {
  return decoder.warmup > 0.0 || decoder.schedule.kind != ScheduleSpec::Kind::constant;
}

std::vector<DecoderTerm> decoder_terms(Forward& forward) {
  const std::vector<DecoderSpec>& specs = forward.graph().spec().decoders;
  std::vector<DecoderTerm> terms;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (!enters_classifier(specs[i])) continue;
    forward.build_decoder(i);
    terms.push_back({i, &specs[i], forward.decoder_loss(i)});
  }
  return terms;
}

Learning classifier_learning(Forward& forward, const Tensor& loss, const std::vector<DecoderTerm>& terms) {
  const OptimizerSpec& optimizer = forward.graph().spec().classifier.optimizer;
  const bool any_clipped = std::any_of(terms.begin(), terms.end(), [](const DecoderTerm& t) { return t.spec->clip.has_value(); });
  forward.program().set_scope("total");
  const auto plus = [](const Tensor& sum, const Tensor& term) { return sum.defined() ? sum + term : term; };
  if (!any_clipped) {
    Tensor total = loss;
    for (const DecoderTerm& term : terms) {
      if (term.spec->member_of.empty()) total = plus(total, value_of(forward, members_among(terms, term)));
    }
    return {"classifier", &optimizer, with_penalties(forward, "classifier", total)};
  }
  Learning learning{"classifier", &optimizer, {}};
  learning.own = with_penalties(forward, "classifier", loss);
  learning.free = learning.own;
  forward.program().set_scope("total");
  for (const DecoderTerm& term : terms) {
    if (!term.spec->member_of.empty()) continue;
    const Tensor value = value_of(forward, members_among(terms, term));
    if (term.spec->clip) {
      learning.clipped.push_back({value, *term.spec->clip});
    } else {
      learning.free = plus(learning.free, value);
    }
  }
  learning.total = learning.free;
  for (const ClippedTerm& term : learning.clipped) learning.total = learning.total + term.value;
  return learning;
}

std::vector<Learning> decoder_learnings(Forward& forward, const std::vector<DecoderTerm>& terms) {
  std::vector<Learning> learnings;
  for (const DecoderTerm& term : terms) {
    if (!learns_with_classifier(*term.spec)) continue;
    const std::string& name = term.spec->name.text;
    learnings.push_back({name, &term.spec->optimizer, with_penalties(forward, name, term.loss)});
  }
  return learnings;
}

}  // namespace generalizer
