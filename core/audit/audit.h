#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "audit/attack.h"
#include "audit/memorisation.h"
#include "audit/probe.h"
#include "config/graph_spec.h"
#include "trainer/trainer.h"

namespace generalizer {

/// Which representations are attacked where something in the network is random.
enum class AttackedNoise : std::uint8_t { off, on, both };

struct AuditOptions {
  std::string checkpoint = "newest";  ///< or "best", or a file
  std::string backend;                ///< "": the run's
  std::string tap;                    ///< a layer; "": where the decoders are fastened
  std::vector<std::string> attackers = {"linear", "two_layer", "convolutional"};
  std::vector<GraphSource> attacker_files;
  std::string baseline;         ///< a run; "": trained here
  bool without_baseline = false;
  AttackedNoise noise = AttackedNoise::both;
  std::int64_t draws = 16;      ///< that the averaging attack takes the mean of
  std::int64_t images = 0;      ///< at most so many training and so many test images; 0: all
  std::int64_t seeds = 3;
  std::int64_t epochs = 20;
  std::int64_t patience = 3;
  std::int64_t batch = 128;
  std::int64_t pictures = 10;
  std::string out;              ///< folder of audit.json and pictures.png; "": RUN itself, and RUN/audit
  std::string command;          ///< for the record
  StopRequested stop_requested;
};

/// What an audit says while it goes on.
class AuditObserver {
 public:
  virtual ~AuditObserver() = default;
  virtual void progress(const std::string& what, double share, double seconds_left) { (void)what, (void)share, (void)seconds_left; }
  virtual void note(const std::string& message) { (void)message; }
  virtual void warning(const std::string& message) { (void)message; }
  /// Of the baseline's training.
  virtual TrainingObserver& training() = 0;
};

/// An attacker on the run, and the same one on the baseline.
struct AttackerReport {
  AttackResult run;
  std::optional<AttackResult> baseline;
  std::optional<double> gap_closed;  ///< none without a baseline, without labels, or where there is no gap
};

/// All attackers on one way of handing out.
struct HandOutReport {
  HandOut how;
  bool random = false;  ///< whether noise was on when the representation was handed out
  std::int64_t constant_units = 0;
  std::vector<AttackerReport> attackers;
  std::string best_attacker;         ///< on the run
  std::string best_baseline_attacker;
  std::optional<double> gap_closed;  ///< best of all against best of all
};

struct TapReport {
  std::string tap;
  Shape shape;
  std::string decoder;                  ///< the run's own, "" without one that recreates the image
  std::optional<ImageQuality> in_loop;  ///< by that
  std::vector<HandOutReport> hand_outs;  ///< the first is the one in use
  std::vector<ProbeResult> probes;
};

struct AuditReport {
  std::string run;
  std::string checkpoint;
  std::int64_t epoch = 0;
  std::string device;
  std::string baseline;  ///< folder; "" without one, the run's own where it has no negative term
  std::int64_t train_images = 0;
  std::int64_t held_out_images = 0;
  std::int64_t test_images = 0;
  Shape image;
  ImageQuality mean_image;
  std::optional<ImageQuality> class_mean;
  std::vector<TapReport> taps;
  // Memorisation, where the network classifies
  std::optional<double> train_loss;
  std::optional<double> train_accuracy;
  std::optional<double> test_loss;
  std::optional<double> test_accuracy;
  std::optional<Membership> membership;
  double label_noise = 0.0;
  std::optional<WrongLabels> wrong_labels;
  std::string picture;                    ///< file; "" where images can't be drawn
  std::vector<std::string> picture_rows;  ///< from the top
  std::string file;                       ///< audit.json
  double seconds = 0.0;
};

/// Finds out what a trained network has forgotten: docs/audit.md says what is measured and how. Writes audit.json and pictures.png, each as a whole.
///
/// Throws `GraphError` for a tap or an attacker that doesn't fit, `DataError` for a run without checkpoint or data, or a baseline of other data,
/// `AuditStopped` when the user asks to stop (only the baseline's training is kept then), and what trainings throw.
AuditReport audit(const std::string& run, const AuditOptions& options, const Registry& registry, AuditObserver& observer);

/// "use", "training" or "noise_free": what audit.json calls a hand-out's `mode`.
const char* name_of(const HandOut& how);
/// What audit.json holds but for the figures: what was audited, with which settings and versions.
nlohmann::ordered_json description_of(const AuditReport& report, const AuditOptions& options);
/// What audit.json holds.
nlohmann::ordered_json to_json(const AuditReport& report, const AuditOptions& options);

}  // namespace generalizer
