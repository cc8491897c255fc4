#pragma once

#include "inspection/finding.h"
#include "inspection/use.h"

namespace generalizer {

// What is checked of a type, each on the uses that there are of it. All of them call the plugin, and throw what it throws.

/// The declaration makes sense beyond what registering it demands: names, words of help, defaults within their own ranges.
std::vector<std::string> problems_of_declaration(const std::string& name, const std::string& summary,
                                                 const std::vector<ParameterSpec>& parameters);

/// Every parameter in turn is given values at, within and beyond its range, of each kind that it allows, the other parameters staying as in `use`. Beyond
/// the declared range they must be refused; within it the type must either be built or refuse them itself in words of its own. What is built at the ends of
/// a range must give numbers.
Finding check_parameters(const std::vector<ParameterSpec>& parameters, const Use& use, const BackendType& reference,
                         const Tell& tell);

/// Batches of 1, 2 and 3, training, evaluation and frozen: the batch goes through, the rest of the shape stays, and the same weights are asked for each time.
Finding check_shapes(const std::vector<Use>& uses, const Tell& tell);

/// Another working folder makes no difference: files are reached by parameters of the type `path`, which are absolute when a layer sees them. Comes back
/// to the folder where it was.
Finding check_elsewhere(const std::vector<Use>& uses);

/// In evaluation, in f64 by the reference kernels: everything is a number, and what comes out for an image is the same beside other images and alone.
Finding check_evaluation(const std::vector<Use>& uses, const BackendType& reference, const Tell& tell);

/// A loss is a scalar of the prediction's type, and doesn't grow with the batch: the same images twice give the same mean.
Finding check_mean(const std::vector<Use>& uses, const BackendType& reference);

/// The derived gradients by every input and weight against central differences in f64 by the reference kernels: single elements, made-up directions,
/// and the gradient's own direction. What disagrees must do so at two points and for several steps, so that a kink is no failure. Also of each choice and
/// switch among the parameters.
Finding check_gradients(const std::vector<ParameterSpec>& parameters, const std::vector<Use>& uses,
                        const BackendType& reference, const Tell& tell);

/// The backend's outputs, gradients and next statistics in f32, and what it gives in evaluation, against the reference's in f64: within 1e-5 of each
/// tensor's largest element, at least 1, or within four times the reference's own error in f32 where the arithmetic itself is that inexact. Skipped where
/// the backend can't be had.
Finding check_parity(const std::vector<Use>& uses, const BackendType& backend, const BackendType& reference,
                     const Tell& tell);

/// Four threads build and run at the same time, each with a program, a session and numbers of its own: the results must be to the bit those of one thread.
Finding check_threads(const std::vector<Use>& uses, const std::vector<const BackendType*>& backends);

/// A small network with the layer in it is trained on made-up images, stopped in the middle and resumed from its checkpoint: the weights at the end
/// must be to the bit those of a training that never stopped. Adds the dataset of the images to the registry.
Finding check_training(const LayerType& type, const std::vector<Use>& uses, const std::string& backend, Registry& registry);

/// Two hundred updates on Σ(w − 1/4)² bring it down; a shut gate makes nothing a NaN; every moment is updated.
Finding check_optimizer(const std::vector<Use>& uses, const BackendType& reference);

/// The op's parts fit together: counts of names and results, pairs of `in_place` within range, a kernel that every backend can run.
std::vector<std::string> problems_of_op(const OpDefinition& op);
/// The shape rule on operands that it can't expect, of any count, rank and type: it may take them or throw `Error`, nothing else.
Finding check_shape_rule(const OpDefinition& op, const Tell& tell);
/// The kernels on host memory between guards, run twice with other bytes around and in what they have to fill: they must write every element of their
/// results, nothing else, and read nothing but their operands. Workspaces may stay unwritten.
Finding check_memory(const OpDefinition& op, const std::vector<Use>& uses, const Tell& tell);
/// Four threads run a kernel at once, as programs of several networks do, each on operands of its own: the results must be those of one thread.
Finding check_kernel_threads(const OpDefinition& op, const std::vector<Use>& uses, const Tell& tell);
/// The kernels that the op brings for CPUs against its reference kernel, on the same memory, in f32 and f64.
Finding check_cpu_kernel(const OpDefinition& op, const std::vector<Use>& uses);

/// Every parameter that is a path, led to a file that doesn't exist: opening must throw `DataError`.
Finding check_missing_files(const DatasetType& type);
/// What its defaults open, as far as their files are there: sizes, labels and names within their ranges, numbers in [0, 1], the same ones at each reading.
Finding check_images(const DatasetType& type, const Tell& tell);

}  // namespace generalizer
