#!/usr/bin/env bash
# Builds under sanitizers and runs the tests there: all of them under AddressSanitizer and UndefinedBehaviorSanitizer (asan), and those of
# what starts threads under ThreadSanitizer (tsan). Without a name both are run, one after the other. Further arguments go to ctest.
#
#   scripts/sanitize.sh [asan | tsan] [-R REGEX ...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sanitizers=(asan tsan)
case ${1-} in
  asan | tsan) sanitizers=("$1"); shift ;;
esac
scripts/setup.sh
# GCC 12's ThreadSanitizer finds no room for its shadow where the kernel places memory with more than 28 random bits. The build runs the
# test programs, too, to list their tests.
fixed=()
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ]; then fixed=(setarch "$(uname -m)" --addr-no-randomize); fi
for sanitizer in "${sanitizers[@]}"; do
  cmake --preset "$sanitizer"
  "${fixed[@]}" cmake --build --preset "$sanitizer" --parallel "$(nproc)"
  "${fixed[@]}" ctest --preset "$sanitizer" --parallel "$(nproc)" "$@"
done
