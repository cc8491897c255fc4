#include <filesystem>
#include <fstream>

#include "browser.h"
#include "catch.h"
#include "project.h"
#include "support/skip.h"

namespace fs = std::filesystem;

namespace {

constexpr const char* audit_json =
    R"({"tap": "embedding", "in_loop": {"mse": 0.0731, "psnr": 11.4, "ssim": 0.2, "ms_ssim": null},
  "mean_image": {"mse": 0.0866}, "class_mean": {"mse": 0.0524},
  "baseline": {"linear": {"mse": 0.026}, "two_layer": {"mse": 0.0168}},
  "attackers": {"linear": {"mse": 0.028, "psnr": 15.5, "ssim": 0.5, "ms_ssim": 0.8}, "two_layer": {"mse": 0.01643, "psnr": 17.9, "ssim": 0.7, "ms_ssim": null}},
  "gap_closed": -0.0112, "accuracy": {"train": 0.93, "test": 0.894}, "membership": {"auc": 0.52, "tpr_at_1_percent_fpr": 0.012},
  "taps": [{"tap": "embedding", "in_loop": {"mse": 0.0731}, "hand_outs": [
     {"mode": "use", "noise": false, "draws": 1, "attackers": {"two_layer": {"mse": 0.01643, "psnr": 17.9, "ssim": 0.7, "ms_ssim": null}}, "baseline": {}, "gap_closed": null},
     {"mode": "training", "noise": true, "draws": 16, "attackers": {"linear": {"mse": 0.0451}}, "baseline": {}, "gap_closed": 0.78}],
     "probes": [{"column": "<i>colour</i>", "classes": 3, "accuracy": 0.71, "from_pixels": 0.99, "majority_class": 0.34}]}]})";

std::size_t count(const std::string& text, const std::string& piece) {
  std::size_t n = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++n;
  return n;
}

std::string report_of(const Project& project, std::vector<std::string> words, const std::string& file,
                      const ProgramOptions& options = {}) {
  words.insert(words.begin(), "report");
  words.insert(words.end(), {"--out", file});
  const Ended ended = project.run(words, options);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  CHECK(ended.out == file + "\n");
  return project.read(file);
}

}  // namespace

TEST_CASE("a report has every part of a run, in one file that loads nothing") {
  const Project project;
  project.train("run");
  project.write("run/audit.json", audit_json);
  const std::string page = report_of(project, {"run"}, "page.html");
  for (const char* id : {"overview", "curves", "audit", "pictures", "network", "graph", "environment"})
    CHECK_THAT(page, ContainsSubstring("<section id=\"" + std::string(id) + "\""));
  for (const char* chart : {"accuracy", "loss", "decoder"})
    CHECK_THAT(page, ContainsSubstring("data-chart=\"" + std::string(chart) + "\""));
  CHECK_THAT(page,
             ContainsSubstring("data:image/svg+xml;base64,") && ContainsSubstring("data:image/png;base64,"));
  CHECK_THAT(page, ContainsSubstring("0.01643") && ContainsSubstring("attacker two_layer") &&
                       ContainsSubstring("next to nothing is forgotten"));
  CHECK_THAT(page, ContainsSubstring("Handed out as in training, noise on, the mean of 16 draws attacked") &&
                       ContainsSubstring("&lt;i&gt;colour&lt;/i&gt;"));
  CHECK_THAT(page, ContainsSubstring("<b>[classifier]</b>") && ContainsSubstring("Content-Security-Policy"));
  for (const char* outside : {"src=\"http", "href=\"http", "url(http", "@import"})
    CHECK(page.find(outside) == std::string::npos);
  // Every picture can be told by words, and every table's columns have heads.
  CHECK(count(page, "<img ") == count(page, "<img alt=\"") + count(page, "<img class=\"pixels\" alt=\""));
  CHECK(count(page, "<table>") == count(page, "<thead>"));
}

TEST_CASE("what a run doesn't have is said") {
  Project project;
  project.replace("epochs = 2", "epochs = 1");
  project.replace("pictures = 4", "pictures = 0");
  project.train("run");
  fs::remove(project.path("run/run.json"));
  const std::string page = report_of(project, {"run"}, "page.html");
  CHECK_THAT(page, ContainsSubstring("This run has not been audited.") &&
                       ContainsSubstring("generalizer audit run"));
  CHECK_THAT(page, ContainsSubstring("has no pictures") && ContainsSubstring("a point, not a curve") &&
                       ContainsSubstring("no run.json that can be read"));
  project.write("run/audit.json", "{\"tap\": ");
  project.write("run/metrics.jsonl", "");
  const std::string damaged = report_of(project, {"run"}, "page.html");
  CHECK_THAT(damaged, ContainsSubstring("audit.json is damaged") && ContainsSubstring("no finished epoch"));
}

TEST_CASE("without Graphviz the network is there as text") {
  const Project project;
  project.train("run");
  ProgramOptions options;
  options.environment = {{"PATH", project.path("nowhere")}};
  const std::string page = report_of(project, {"run"}, "page.html", options);
  CHECK_THAT(page, ContainsSubstring("The network is not drawn.") && ContainsSubstring("graphviz") &&
                       ContainsSubstring("classifier/embedding = dense(flatten)"));
}

TEST_CASE("names in files are text, whatever they hold") {
  Project project;
  const std::string evil = "<script>alert(1)<script><img src=x onerror=alert(2)>";
  project.replace("\"small\"", "'" + evil + "'");
  project.replace("\"left\"", "'</script>" + evil + "'");
  project.train("run<b>");
  const std::string page = report_of(project, {"run<b>"}, "page.html");
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(page.find("<img src=x") == std::string::npos);
  CHECK(page.find("run<b>") == std::string::npos);
  CHECK(count(page, "</script>") == 4);  // the page's own: light or dark, the figures, Chart.js, report.js
  CHECK_THAT(page, ContainsSubstring("&lt;script&gt;alert(1)"));
}

TEST_CASE("several runs are shown side by side, with the keys in which their graphs differ") {
  Project project;
  project.train("plain");
  project.replace("weight    = 0.5", "weight    = 2.0");
  project.train("strong");
  const std::string page = report_of(project, {"plain", "strong"}, "both.html");
  CHECK_THAT(page, ContainsSubstring("<section id=\"differences\"") &&
                       ContainsSubstring("<code>decoder.autoencoder.weight</code>") &&
                       ContainsSubstring("<code>0.5</code>") && ContainsSubstring("<code>2.0</code>"));
  CHECK_THAT(page, ContainsSubstring("plain · test") && ContainsSubstring("strong · test"));
  const Ended missing = project.run({"report", "plain", "nowhere"});
  CHECK(missing.code == 1);
  CHECK_THAT(missing.err, ContainsSubstring("nowhere"));
  CHECK(project.run({"report"}).code == 2);
  CHECK_THAT(project.run({"report", "graph.toml"}).err, ContainsSubstring("is a file, not a run folder"));
}

TEST_CASE(
    "a report opens in a real browser: parts drawn, zoom and colours work, nothing complains, nothing is "
    "fetched") {
  if (!has_browser())
    return generalizer::test::skip("there is no Chromium here; scripts/setup.sh installs it");
  Project project;
  project.replace("epochs = 2", "epochs = 6");
  project.train("run");
  project.write("run/audit.json", audit_json);
  REQUIRE(project
              .run({"sweep", "graph.toml", "--over", "decoder.weight=0,0.5", "--seeds", "2", "--no-audit",
                    "--out", "s"})
              .code == 0);
  report_of(project, {"run", "--sweep", "s"}, "page.html");
  // A reader's doings, and what comes of them, as attributes of the root.
  std::string page = project.read("page.html");
  const std::string doings = R"(<script>addEventListener('load', () => {
    const said = document.documentElement.dataset, canvas = document.querySelector('[data-chart=accuracy] canvas');
    const ink = () => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
    said.inked = ink();
    const box = canvas.getBoundingClientRect();
    canvas.dispatchEvent(new WheelEvent('wheel', {ctrlKey: true, deltaY: -100, clientX: box.left + box.width / 2, clientY: box.top + 50, cancelable: true}));
    said.zoomed = !document.querySelector('#curves .reset').hidden;
    document.querySelector('#curves .reset').click();
    said.reset = document.querySelector('#curves .reset').hidden;
    said.before = said.theme;
    document.getElementById('theme').click();
    said.after = said.theme;
    document.querySelector('.curve .combination').dispatchEvent(new PointerEvent('pointerenter'));
    said.tip = document.getElementById('tip').textContent;
    said.overflow = document.documentElement.scrollWidth > innerWidth;
    said.pictures = [...document.images].every((image) => image.complete && image.naturalWidth > 0);
  });</script>)";
  page.insert(page.rfind("</body>"), doings);
  project.write("page.html", page);
  for (const int width : {1400, 390}) {
    const Opened opened = open_in_browser(project.path("page.html"),
                                          fs::path(project.path("page.html")).parent_path().string(), width);
    INFO("at " << width << " pixels");
    CHECK(opened.console.empty());
    for (const char* said :
         {"data-charts=\"3\"", "data-inked=\"true\"", "data-zoomed=\"true\"", "data-reset=\"true\"",
          "data-before=\"light\"", "data-after=\"dark\"", "data-tip=\"1. decoder.weight=0: accuracy",
          "data-overflow=\"false\"", "data-pictures=\"true\""})
      CHECK_THAT(opened.document.substr(0, 2000), ContainsSubstring(said));
  }
}
