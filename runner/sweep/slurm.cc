#include "sweep/slurm.h"

#include <fmt/format.h>

#include <cctype>

namespace generalizer {
namespace {

/// A job's name: what stands in a comment of the script must be on one line and hold nothing that the shell or Slurm reads.
std::string job_name(std::string name) {
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_' && c != '.') c = '_';
  }
  return name.empty() ? "sweep" : "sweep-" + name;
}

constexpr const char* kScript = R"(#!/usr/bin/env bash
#SBATCH --job-name={name}
#SBATCH --array=1-{count}
# A sweep as a Slurm job array: task N runs combination N of the table with all its seeds. What a task needs (time, cores, GPUs, a partition) is your
# cluster's business; give it on sbatch's command line or in lines like those above:
#
#   sbatch --time=4:00:00 --cpus-per-task=4 {script}
#
# A task that was stopped goes on where it was when it is sent off again. At any time this makes table and curve of what is finished:
#
#   {program} sweep --resume {sweep} --gather
set -euo pipefail
cd {folder}
exec {program} sweep --resume {sweep} --task "${{SLURM_ARRAY_TASK_ID:?this script is a task of a job array: send it off with sbatch}}"
)";

}  // namespace

std::string shell_word(const std::string& text) {
  const bool plain =
      !text.empty() &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=+,:") ==
          std::string::npos;
  if (plain) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

std::string slurm_script(const SlurmJob& job) {
  return fmt::format(kScript, fmt::arg("name", job_name(job.name)), fmt::arg("count", job.combinations),
                     fmt::arg("script", shell_word(job.sweep + "/job.sh")),
                     fmt::arg("program", shell_word(job.program)), fmt::arg("sweep", shell_word(job.sweep)),
                     fmt::arg("folder", shell_word(job.folder)));
}

}  // namespace generalizer
