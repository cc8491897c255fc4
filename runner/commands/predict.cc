#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>

#include "commands/commands.h"
#include "commands/open_run.h"
#include "data/normalization.h"
#include "pictures/picture.h"
#include "terminal/format.h"
#include "terminal/table.h"
#include "trainer/picture.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t largest_batch = 64;
constexpr std::size_t shown = 3;  ///< classes an image

struct PredictOptions {
  RunOptions run;
  std::vector<std::string> images;
  std::string pictures;
  bool invert = false;
  bool fit = false;
  bool json = false;
};

/// An image with its answer.
struct Answer {
  std::string file;
  std::vector<float> image;
  Prediction prediction;
};

std::vector<Answer> read_images(const PredictOptions& options, const Shape& shape) {
  std::vector<Answer> answers;
  for (const std::string& file : options.images)
    answers.push_back({file, to_image(read_picture(file), shape, options.invert, options.fit, file), {}});
  return answers;
}

/// Answers hold images as they are in their files; the network takes them as its data were.
void answer(Network& network, std::vector<Answer>& answers) {
  const Shape& shape = network.graph().data().image;
  const Normalization normalization = normalization_of(network.graph().spec().data, shape);
  for (std::size_t first = 0; first < answers.size();) {
    const std::size_t count = std::min(largest_batch, answers.size() - first);
    std::vector<float> images;
    for (std::size_t i = 0; i < count; ++i)
      images.insert(images.end(), answers[first + i].image.begin(), answers[first + i].image.end());
    normalization.apply(images, shape[1] * shape[2]);
    std::vector<Prediction> predictions = Predictor(network, static_cast<std::int64_t>(count)).run(images);
    for (std::size_t i = 0; i < count; ++i) answers[first + i].prediction = std::move(predictions[i]);
    first += count;
  }
}

std::string name_of_class(const LoadedRun& run, std::size_t index) {
  return index < run.class_names.size() ? run.class_names[index] : std::to_string(index);
}

/// Classes by probability, the likeliest first.
std::vector<std::size_t> ranked(const std::vector<double>& probabilities) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
  return order;
}

nlohmann::ordered_json answers_json(const LoadedRun& run, const std::vector<Answer>& answers) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Answer& answer : answers) {
    nlohmann::ordered_json entry;
    entry["image"] = answer.file;
    const std::vector<double>& probabilities = answer.prediction.probabilities;
    if (!probabilities.empty()) {
      const std::size_t best = ranked(probabilities).front();
      entry["class"] = best;
      entry["name"] = name_of_class(run, best);
      entry["probability"] = probabilities[best];
      entry["probabilities"] = probabilities;
    }
    json.push_back(std::move(entry));
  }
  return json;
}

std::string answers_text(const LoadedRun& run, const std::vector<Answer>& answers) {
  Table table({{"image"}, {"answer"}, {"probability", Table::Align::right}, {"then"}});
  for (const Answer& answer : answers) {
    const std::vector<double>& probabilities = answer.prediction.probabilities;
    if (probabilities.empty()) {
      table.add({answer.file, "(the network has no classes)", "", ""});
      continue;
    }
    const std::vector<std::size_t> order = ranked(probabilities);
    std::vector<std::string> others;
    for (std::size_t i = 1; i < std::min(shown, order.size()); ++i) {
      others.push_back(name_of_class(run, order[i]) + " " + format_share(probabilities[order[i]]));
    }
    table.add({answer.file, name_of_class(run, order.front()), format_share(probabilities[order.front()]),
               join(others, ", ")});
  }
  return table.to_string();
}

/// Where an image's picture goes: its own name, numbered where two images have one name.
fs::path picture_file(const fs::path& folder, const std::string& image, std::set<std::string>& taken) {
  const std::string stem = fs::path(image).stem().string();
  std::string name = stem;
  for (int n = 2; !taken.insert(name).second; ++n) name = fmt::format("{}-{}", stem, n);
  return folder / (name + ".png");
}

/// One PNG an image: the image as the network saw it, over what each decoder made of it.
void write_pictures(const LoadedRun& run, const std::vector<Answer>& answers, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw TrainingError("The folder " + folder + " can't be made: " + error.message() +
                        ". Choose another with --pictures.");
  const Graph& graph = run.network->graph();
  const Normalization normalization = normalization_of(graph.spec().data, graph.data().image);
  std::set<std::string> taken;
  for (const Answer& answer : answers) {
    std::vector<PictureRow> rows = {{graph.data().image, {answer.image}}};
    for (const DecoderSpec& decoder : graph.spec().decoders) {
      const auto output = answer.prediction.decoder_outputs.find(decoder.name.text);
      // A decoder that recreates a layer makes no picture.
      if (decoder.target.text != "image" || output == answer.prediction.decoder_outputs.end()) continue;
      std::vector<float> image = output->second;
      normalization.undo(image, graph.data().image[1] * graph.data().image[2]);
      rows.push_back({graph.data().image, {std::move(image)}});
    }
    write_picture_grid(picture_file(folder, answer.file, taken), rows);
  }
}

ExitCode predict(Context& context, const PredictOptions& options) {
  LoadedRun run = open_run(context, options.run);
  std::vector<Answer> answers = read_images(options, run.network->graph().data().image);
  answer(*run.network, answers);
  if (!options.pictures.empty()) {
    write_pictures(run, answers, options.pictures);
    context.terminal.note(fmt::format(
        "{} written to {}.", answers.size() == 1 ? "A picture was" : "Pictures were", options.pictures));
  }
  if (options.json) {
    print_json(answers_json(run, answers));
  } else {
    print(answers_text(run, answers));
  }
  return ExitCode::done;
}

}  // namespace

void add_predict(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand("predict", "Answer for images of your own (PNG or JPEG)");
  auto options = std::make_shared<PredictOptions>();
  add_run_options(*command, options->run);
  command->add_option("IMAGE", options->images, "Image files, of the network's size or with --fit of any")
      ->option_text("...")
      ->check(not_empty())
      ->required();
  command->add_flag(
      "--invert", options->invert,
      "Swap dark and light: for dark things on a light ground, where the network learnt the opposite");
  command->add_flag("--fit", options->fit,
                    "Resize images to the network's size, as an image_folder's `size` does; otherwise another size is refused");
  command
      ->add_option("--pictures", options->pictures,
                   "Also write each image over what the decoders recreate of it, as PNG, to this folder")
      ->type_name("DIR")
      ->check(not_empty());
  add_json_option(*command, options->json);
  add_examples(*command, {{"predict runs/fashion-generalizer shoe.png", "the class and its probability"},
                          {"predict runs/fashion-generalizer --invert --pictures seen photos/*.jpg",
                           "photos on a light ground, with pictures of what is recreated"}});
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { return predict(context, *options); }; });
}

}  // namespace generalizer
