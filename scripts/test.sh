#!/usr/bin/env bash
# Installs what is missing, builds the preset `release`, and runs every test. Arguments go to ctest: scripts/test.sh -R config
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
cmake --preset release
cmake --build --preset release --parallel "$(nproc)"
# OpenMP threads that wait must not spin: the tests share the cores with each other and with whatever else the machine does.
OMP_WAIT_POLICY=passive ctest --preset release --output-on-failure --parallel "$(nproc)" "$@"
