#include "report/report_run.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "context.h"
#include "graph/draw.h"
#include "process.h"
#include "report/html.h"
#include "support/files.h"
#include "terminal/format.h"
#include "trainer/record.h"
#include "trainer/run_folder.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A file's name for the time of a drawing.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string pattern = (fs::temp_directory_path() / "generalizer-drawing-XXXXXX").string();
    const int file = ::mkstemp(pattern.data());
    if (file < 0) throw Error("No temporary file can be made in " + fs::temp_directory_path().string() + ".");
    ::close(file);
    path_ = pattern;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The drawing as SVG, by Graphviz. Throws `Error` when it can't be had.
std::string drawn(const std::string& dot) {
  const TemporaryFile file;
  const int code = run_process({"dot", "-Tsvg", "-o", file.path()}, dot,
                               "Graphviz draws the network; on Debian: apt-get install graphviz.");
  if (code != 0) throw Error(fmt::format("Graphviz (dot) ended with code {}.", code));
  return read_text(file.path());
}

/// The network: its layers, and its drawing where Graphviz can make it.
void add_network(ReportRun& run, const RunFolder& folder, const Registry& registry) {
  try {
    const GraphSpec spec = read_graph(folder.graph().string(), registry);
    run.graph_name = spec.name;
    if (!run.record.is_object()) throw DataError("Without run.json the shape of the data is not known.");
    const Graph graph(spec, data_shape_of(nlohmann::json(run.record)), registry);
    run.layers = summarize(graph).layers;
    constexpr std::size_t many = 40;  // layers, above which a block is one box
    run.drawing = drawn(to_dot(graph, {false, run.layers.size() > many, true}));
  } catch (const Error& error) {
    run.drawing_problem = error.what();
  }
}

ReportPicture picture_of(const fs::path& file, std::string title, std::string description) {
  return {std::move(title), std::move(description), data_uri("image/png", read_text(file))};
}

/// The pictures of the first and the last epoch, whose files are named by the epoch's number.
void add_training_pictures(ReportRun& run, const RunFolder& folder) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder.path() / "pictures", none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("epoch-") && name.ends_with(".png")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> rows = {"originals"};
  if (!run.epochs.empty()) {
    for (const auto& [decoder, metrics] : run.epochs.back().decoders)
      rows.push_back("what the decoder " + decoder + " recreates");
  }
  if (files.size() > 1) files = {files.front(), files.back()};
  for (const fs::path& file : files) {
    const std::string stem = file.stem().string();
    const std::string digits = stem.substr(
        stem.find_first_not_of("0", 6) == std::string::npos ? stem.size() : stem.find_first_not_of("0", 6));
    const std::string title = "Decoders of the training, after epoch " + digits;
    run.pictures.push_back(picture_of(
        file, title, "Test images, from the top: " + join(rows) + ", after epoch " + digits + "."));
  }
}

void add_audit(ReportRun& run, const RunFolder& folder) {
  const fs::path file = folder.path() / "audit.json";
  if (!fs::exists(file)) return;
  Json audit = Json::parse(read_text(file), nullptr, false);
  if (!audit.is_object() || !audit.contains("attackers") || !audit["attackers"].is_object()) {
    run.audit_problem = file.string() +
                        " is damaged: it does not say what attackers found. `generalizer audit " +
                        run.folder + "` writes it anew.";
    return;
  }
  run.audit = std::move(audit);
  const fs::path picture = folder.path() / "audit" / "pictures.png";
  if (!fs::exists(picture)) return;
  std::vector<std::string> rows;
  if (run.audit.contains("pictures") && run.audit["pictures"].is_object() &&
      run.audit["pictures"].contains("rows")) {
    for (const Json& row : run.audit["pictures"]["rows"]) {
      if (row.is_string()) rows.push_back(row.get<std::string>());
    }
  }
  run.pictures.push_back(picture_of(picture, "Fresh attackers of the audit",
                                    rows.empty() ? "Test images over what each attacker recreates."
                                                 : "Test images, from the top: " + join(rows) + "."));
}

}  // namespace

ReportRun read_report_run(const Context& context, const std::string& path) {
  const RunFolder folder = RunFolder::open(path);
  ReportRun run;
  run.folder = path;
  run.name = fs::absolute(folder.path()).lexically_normal().filename().string();
  if (run.name.empty())
    run.name = fs::absolute(folder.path()).lexically_normal().parent_path().filename().string();
  run.graph_text = read_text(folder.graph());
  run.epochs = folder.read_metrics();
  if (fs::exists(folder.record())) {
    const Json record = Json::parse(read_text(folder.record()), nullptr, false);
    if (record.is_object()) run.record = record;
  }
  add_network(run, folder, context.registry);
  if (run.graph_name.empty()) run.graph_name = run.name;
  add_training_pictures(run, folder);
  add_audit(run, folder);
  return run;
}

}  // namespace generalizer
