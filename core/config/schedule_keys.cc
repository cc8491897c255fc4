#include "config/schedule_keys.h"

#include "config/graph_spec.h"

namespace generalizer {
namespace {

using Type = ParameterType;

const ScheduleSpec kDefaults;

ParameterSpec part(ParameterSpec spec) { return at_most(at_least(std::move(spec), 0), 1); }

ParameterSpec optional_key(ParameterSpec spec) {
  spec.optional = true;
  return spec;
}

ParameterSpec warmup() {
  return at_least(parameter("warmup", {Type::number}, kDefaults.warmup,
                            "At first the rate rises in a line from 0 over so many epochs."),
                  0);
}

ParameterSpec factor() {
  return at_most(above(parameter("factor", {Type::number}, kDefaults.factor, "What each drop multiplies the rate with."), 0),
                 1);
}

ParameterSpec minimum(const char* help) {
  return part(parameter("minimum", {Type::number}, kDefaults.minimum, help));
}

OwnType step() {
  return {"step",
          "The rate drops every so many epochs, or at given epochs.",
          {above(optional_key(required_parameter("every", {Type::number},
                                                 "Epochs from one drop to the next; without it, and without at, 10.")),
                 0),
           above(optional_key(required_parameter("at", {Type::numbers}, "The epochs of the drops, in place of every.")), 0),
           factor(), warmup()}};
}

OwnType one_cycle() {
  return {"one_cycle",
          "The rate rises to its whole and falls again (Smith and Topin, 2018).",
          {at_most(above(parameter("peak", {Type::number}, kDefaults.peak,
                                   "The part of the training after which the rate is whole."),
                         0),
                   1),
           part(parameter("start", {Type::number}, kDefaults.start, "The part of the rate that it begins with.")),
           minimum("The part of the rate that it ends with.")}};
}

OwnType reduce_on_plateau() {
  return {"reduce_on_plateau",
          "The rate drops when a figure no longer improves.",
          {optional_key(required_parameter(
               "monitor", {Type::string},
               "Which figure, as in [train] best_by; without it the player's own loss, on the validation images "
               "where there are some, else on the training images.")),
           at_least(parameter("patience", {Type::integer}, kDefaults.patience,
                              "Epochs without an improvement before a drop."),
                    1),
           at_least(parameter("minimum_change", {Type::number}, kDefaults.minimum_change,
                              "A smaller improvement is none."),
                    0),
           factor(), minimum("The part of the rate that it never falls below."), warmup()}};
}

}  // namespace

const std::vector<OwnType>& schedule_types() {
  static const std::vector<OwnType> types = {
      {"constant", "The rate stays.", {warmup()}},
      step(),
      {"cosine",
       "The rate falls along half a cosine to the end of the training (Loshchilov and Hutter, 2017).",
       {minimum("The part of the rate that it ends with."), warmup()}},
      one_cycle(),
      reduce_on_plateau(),
  };
  return types;
}

}  // namespace generalizer
