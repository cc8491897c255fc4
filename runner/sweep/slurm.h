#pragma once

#include <cstddef>
#include <string>

namespace generalizer {

/// What a Slurm job array for a sweep is made of.
struct SlurmJob {
  std::string program;  ///< this program's file
  std::string folder;   ///< where it was started
  std::string sweep;    ///< the sweep's folder, absolute
  std::string name;     ///< the graph's, for the queue
  std::size_t combinations = 0;
};

/// job.sh: an array of one task a combination, each of which runs that combination's seeds. How to send it off and how to gather the table stands at its
/// top. Paths are quoted for the shell.
std::string slurm_script(const SlurmJob& job);

/// A word as the shell takes it whole: 'it'\''s'.
std::string shell_word(const std::string& text);

}  // namespace generalizer
