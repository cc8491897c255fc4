#include "config/augment_keys.h"

namespace generalizer {
namespace {

using Type = ParameterType;

ParameterSpec whole(const char* name, const char* help) {
  return at_least(required_parameter(name, {Type::integer}, help), 1);
}

OwnType flip() {
  return {"flip",
          "Mirrors the image.",
          {parameter("horizontal", {Type::boolean}, true, "Whether left and right are exchanged."),
           parameter("vertical", {Type::boolean}, false, "Whether top and bottom are exchanged."),
           at_most(at_least(parameter("probability", {Type::number}, 0.5,
                                      "How often, for each of the two directions on its own."),
                            0),
                   1)}};
}

}  // namespace

const std::vector<OwnType>& augmentation_types() {
  static const std::vector<OwnType> types = {
      flip(),
      {"shift",
       "Moves the image; what comes in is 0.",
       {whole("pixels", "The most that it is moved by, along each axis on its own.")}},
      {"crop",
       "Pads the image with zeros and takes a part of its old size at a random place.",
       {whole("padding", "Zeros at each of the four sides.")}},
      {"rotation",
       "Turns the image about its middle; what comes in is 0.",
       {at_most(above(required_parameter("degrees", {Type::number}, "The most that it is turned by, either way."), 0), 180)}},
      {"cutout",
       "Sets a square at a random place to 0 (DeVries and Taylor, 2017).",
       {whole("size", "The square's side in pixels.")}},
      {"normalize",
       "Takes the mean off and divides by the deviation, on all images.",
       {required_parameter("mean", {Type::number, Type::numbers}, "One for all channels, or one a channel."),
        above(required_parameter("deviation", {Type::number, Type::numbers}, "One for all channels, or one a channel."),
              0)}},
  };
  return types;
}

}  // namespace generalizer
