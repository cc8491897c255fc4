#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace generalizer {

/// A run's files in a sweep's folder, and what they tell of it. Everything is read anew where it is asked: other processes may work in the same folder.
class RunFiles {
 public:
  /// `base`: the run folder, without what is appended for the files beside it.
  explicit RunFiles(std::filesystem::path base) : base_(std::move(base)) {}

  const std::filesystem::path& folder() const { return base_; }
  std::filesystem::path log() const { return beside(".log"); }
  std::filesystem::path out() const { return beside(".out"); }
  std::filesystem::path lock() const { return beside(".lock"); }
  std::filesystem::path state() const { return beside(".json"); }
  std::filesystem::path audit() const { return base_ / "audit.json"; }

  /// The run has begun: it has a graph, and is gone on with by --resume.
  bool begun() const;
  /// What a training that ended before its graph was written left, taken away: a new one needs an empty folder.
  void clear_unbegun() const;
  /// What `train --json` printed at its end; null before.
  nlohmann::ordered_json training() const;
  bool trained() const { return training().is_object(); }
  /// What the audit wrote; null before, or when it is damaged.
  nlohmann::ordered_json audited() const;
  /// What went wrong in the last try; "" for nothing.
  std::string failure() const;

  /// Keeps that the training is done, with what it printed (the file `out`).
  void note_trained() const;
  /// Keeps what the audit printed, if it wrote no file itself.
  void note_audited() const;
  /// Keeps that a stage ("training", "audit") ended with that exit code, and the last words of its log; "" takes a failure back.
  void note_failure(const std::string& stage, int code) const;
  void clear_failure() const;

 private:
  std::filesystem::path beside(const char* ending) const { return base_.string() + ending; }
  void write(const nlohmann::ordered_json& state) const;
  nlohmann::ordered_json read() const;

  std::filesystem::path base_;
};

/// Whoever holds it may work on the run. Given up when it is destroyed and every process that inherited it has ended.
class RunClaim {
 public:
  /// Tries to get it; `held` tells.
  explicit RunClaim(const RunFiles& files);
  ~RunClaim();
  RunClaim(RunClaim&& other) noexcept;
  RunClaim& operator=(RunClaim&&) = delete;
  RunClaim(const RunClaim&) = delete;
  RunClaim& operator=(const RunClaim&) = delete;
  bool held() const { return file_ >= 0; }
  int descriptor() const { return file_; }

 private:
  int file_ = -1;
};

}  // namespace generalizer
