#pragma once

#include <chrono>
#include <string>

#include "audit/audit.h"
#include "commands/train_report.h"
#include "terminal/terminal.h"

namespace generalizer {

/// Shows how far an audit is: on a terminal one line that is drawn over, elsewhere a line a minute; the baseline's training as any training.
class AuditProgress final : public AuditObserver {
 public:
  explicit AuditProgress(const Terminal& terminal) : terminal_(terminal), training_(terminal) {}

  void progress(const std::string& what, double share, double seconds_left) override;
  void note(const std::string& message) override;
  void warning(const std::string& message) override;
  TrainingObserver& training() override { return training_; }
  /// Takes what is drawn over away.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  const Terminal& terminal_;
  TrainReport training_;
  bool drawn_ = false;
  Clock::time_point last_sentence_;
};

/// The tables that people read.
std::string audit_text(const AuditReport& report);

}  // namespace generalizer
