#!/usr/bin/env bash
# Trains the same networks with generalizer and with its peers, in turn, and prints images a second and ratios. Peers come from
# `scripts/setup.sh --peers DIR`:
#
#   tests/bench/run.sh --python DIR/bin/python [--nets published,conv] [--batches 32,128] [--rounds 3] ...
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/bench.py" "$@"
