#!/usr/bin/env bash
# Runs clang-tidy over the C++ files given, or over all of them, with the compile commands of build/release.
#
#   scripts/tidy.sh [FILE.cc ...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v clang-tidy >/dev/null || { echo "tidy: clang-tidy is missing. Run: apt-get install clang-tidy" >&2; exit 1; }
[ -f build/release/compile_commands.json ] || { echo "tidy: build/release isn't configured. Run: cmake --preset release" >&2; exit 1; }
if [ $# = 0 ]; then mapfile -t files < <(git ls-files -- '*.cc'); else files=("$@"); fi
# The compile commands are g++'s, some of whose options clang doesn't know. clang-tidy counts the warnings that it leaves out; nobody needs
# that count of each file.
printf '%s\0' "${files[@]}" | xargs -0 -r -n 1 -P "$(nproc)" \
  clang-tidy -p build/release --quiet --warnings-as-errors='*' \
  --extra-arg=-Wno-unknown-warning-option 2> >(grep -v ' warnings\? .*generated\.$' >&2)
