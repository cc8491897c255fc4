#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "audit/audit.h"

namespace generalizer {

/// What an earlier audit of a run has found: attacks need not be made twice on a baseline that many runs are compared with.
class EarlierAudit {
 public:
  /// Reads RUN/audit.json. Holds nothing where there is none, where it was made by another version, of another checkpoint or with other settings, or
  /// where it can't be read: the attacks are then made.
  EarlierAudit(const std::string& run, const std::string& checkpoint, const AuditReport& report, const AuditOptions& options);

  /// The same attacker on the same hand-out; its pictures are not kept.
  std::optional<AttackResult> find(const std::string& tap, const HandOut& how, const Attacker& attacker) const;

 private:
  nlohmann::json taps_;  ///< null when there is nothing
};

}  // namespace generalizer
