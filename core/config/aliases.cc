#include "config/aliases.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "generalizer/layer.h"

namespace generalizer {
namespace {

struct Alias {
  std::string_view word;  ///< without capitals, "_" and "-"
  std::string_view here;
};

/// The words of PyTorch, Keras and their kin. A word may stand here several times: what the table at hand has, counts.
constexpr std::array kAliases = {
    // keys
    Alias{"lr", "learning_rate"},
    Alias{"eta", "learning_rate"},
    Alias{"stepsize", "learning_rate"},
    Alias{"eps", "epsilon"},
    Alias{"kernelsize", "kernel"},
    Alias{"poolsize", "kernel"},
    Alias{"filtersize", "kernel"},
    Alias{"window", "kernel"},
    Alias{"windowsize", "kernel"},
    Alias{"outfeatures", "units"},
    Alias{"outputs", "units"},
    Alias{"neurons", "units"},
    Alias{"size", "units"},
    Alias{"channels", "units"},
    Alias{"filters", "units"},
    Alias{"outchannels", "units"},
    Alias{"outchannels", "filters"},
    Alias{"channels", "filters"},
    Alias{"outfeatures", "filters"},
    Alias{"units", "filters"},
    Alias{"strides", "stride"},
    Alias{"pad", "padding"},
    Alias{"usebias", "bias"},
    Alias{"dilationrate", "dilation"},
    Alias{"act", "activation"},
    Alias{"nonlinearity", "activation"},
    Alias{"negativeslope", "slope"},
    Alias{"alpha", "slope"},
    Alias{"p", "rate"},
    Alias{"dropout", "rate"},
    Alias{"dim", "axis"},
    Alias{"targetshape", "shape"},
    Alias{"size", "shape"},
    Alias{"input", "inputs"},
    Alias{"epoch", "epochs"},
    Alias{"numepochs", "epochs"},
    Alias{"nepochs", "epochs"},
    Alias{"maxepochs", "epochs"},
    Alias{"batchsize", "batch"},
    Alias{"minibatch", "batch"},
    Alias{"randomseed", "seed"},
    Alias{"randomstate", "seed"},
    Alias{"dtype", "precision"},
    Alias{"device", "backend"},
    Alias{"criterion", "loss"},
    Alias{"lossfunction", "loss"},
    Alias{"objective", "loss"},
    Alias{"lossweight", "weight"},
    Alias{"lambda", "weight"},
    Alias{"coefficient", "weight"},
    Alias{"optim", "optimizer"},
    Alias{"solver", "optimizer"},
    Alias{"model", "classifier"},
    Alias{"network", "classifier"},
    Alias{"encoder", "classifier"},
    Alias{"dataset", "data"},
    Alias{"training", "train"},
    Alias{"validation", "test"},
    Alias{"val", "test"},
    Alias{"path", "root"},
    Alias{"folder", "root"},
    Alias{"directory", "root"},
    Alias{"dir", "root"},
    Alias{"numclasses", "classes"},
    Alias{"labelnames", "class_names"},
    Alias{"path", "file"},
    Alias{"filename", "file"},
    Alias{"trainfile", "train"},
    Alias{"testfile", "test"},
    Alias{"imagesize", "size"},
    Alias{"targetsize", "size"},
    Alias{"inputshape", "shape"},
    Alias{"colormode", "channels"},
    Alias{"dataformat", "layout"},
    Alias{"sep", "delimiter"},
    Alias{"separator", "delimiter"},
    Alias{"target", "label"},
    Alias{"labelcolumn", "label"},
    Alias{"dropcolumns", "ignore"},
    Alias{"scale", "range"},
    Alias{"rescale", "range"},
    // layer types
    Alias{"linear", "dense"},
    Alias{"fc", "dense"},
    Alias{"fullyconnected", "dense"},
    Alias{"innerproduct", "dense"},
    Alias{"conv", "conv2d"},
    Alias{"convolution", "conv2d"},
    Alias{"convolution2d", "conv2d"},
    Alias{"convtranspose2d", "conv2d_transpose"},
    Alias{"deconv", "conv2d_transpose"},
    Alias{"deconvolution", "conv2d_transpose"},
    Alias{"maxpool", "max_pool2d"},
    Alias{"maxpooling", "max_pool2d"},
    Alias{"maxpooling2d", "max_pool2d"},
    Alias{"avgpool", "avg_pool2d"},
    Alias{"averagepooling2d", "avg_pool2d"},
    Alias{"batchnorm2d", "batch_norm"},
    Alias{"batchnorm1d", "batch_norm"},
    Alias{"batchnormalization", "batch_norm"},
    Alias{"concatenate", "concat"},
    Alias{"cat", "concat"},
    Alias{"view", "reshape"},
    Alias{"unflatten", "reshape"},
    Alias{"sum", "add"},
    Alias{"residual", "add"},
    // losses, optimizers, datasets, backends, choices
    Alias{"crossentropyloss", "cross_entropy"},
    Alias{"softmaxcrossentropy", "cross_entropy"},
    Alias{"categoricalcrossentropy", "cross_entropy"},
    Alias{"sparsecategoricalcrossentropy", "cross_entropy"},
    Alias{"nll", "cross_entropy"},
    Alias{"mseloss", "mse"},
    Alias{"meansquarederror", "mse"},
    Alias{"l2", "mse"},
    Alias{"momentum", "sgd"},
    Alias{"mnist", "idx"},
    Alias{"fashionmnist", "idx"},
    Alias{"cifar10", "cifar"},
    Alias{"cifar100", "cifar"},
    Alias{"numpy", "npz"},
    Alias{"npy", "npz"},
    Alias{"imagefolder", "image_folder"},
    Alias{"imagedatasetfromdirectory", "image_folder"},
    Alias{"directory", "image_folder"},
    Alias{"folder", "image_folder"},
    Alias{"tsv", "csv"},
    Alias{"nhwc", "channels_last"},
    Alias{"nchw", "channels_first"},
    Alias{"cpu", "onednn"},
    Alias{"mkldnn", "onednn"},
    Alias{"gpu", "cuda"},
    Alias{"nvidia", "cuda"},
    Alias{"float32", "f32"},
    Alias{"float", "f32"},
    Alias{"single", "f32"},
    Alias{"float64", "f64"},
    Alias{"double", "f64"},
    Alias{"none", "linear"},
    Alias{"identity", "linear"},
};

/// Without capitals, "_", "-" and the module before the last point.
std::string plain(const std::string& word) {
  std::string result;
  for (const char c : word.substr(word.rfind('.') + 1)) {
    if (c != '_' && c != '-') result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

}  // namespace

std::string alias_of(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string wanted = plain(word);
  if (wanted.empty()) return {};
  const auto has = [&](std::string_view name) {
    return std::find(candidates.begin(), candidates.end(), name) != candidates.end();
  };
  for (const std::string& candidate : candidates) {
    if (plain(candidate) == wanted) return candidate;
  }
  for (const Alias& alias : kAliases) {
    if (alias.word == wanted && has(alias.here)) return std::string(alias.here);
  }
  return {};
}

std::string function_advice(const std::string& layer_type) {
  const std::string wanted = plain(layer_type);
  for (const std::string& name : activation_names()) {
    if (plain(name) != wanted || name == "linear") continue;
    return "a function is no layer type here: give the layer before it activation = \"" + name +
           "\", or write { type = \"activation\", function = \"" + name + "\" }";
  }
  return {};
}

}  // namespace generalizer
