#!/usr/bin/env bash
# From an empty clone to a trained network: installs what is missing, builds, trains the published network on Fashion-MNIST for 2 epochs,
# and shows what it learnt and what its decoder could still recreate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=build/release/bin/generalizer

scripts/setup.sh
cmake --preset release
cmake --build --preset release --target generalizer_program --parallel "$(nproc)"

run=runs/quickstart
for ((n = 2; ; n++)); do
  [ -e "$run" ] || break
  run=runs/quickstart-$n
done
"$program" train graphs/fashion-generalizer.toml --set train.epochs=2 --out "$run"
"$program" eval "$run"

python3 - "$run" <<'PYTHON'
import json, sys

run = sys.argv[1]
with open(f"{run}/metrics.jsonl") as lines:
    last = json.loads(lines.readlines()[-1])
print(f"\nLearnt: {last['test']['accuracy']:.1%} of the test images are put into the right one of 10 classes.")
for name, decoder in last["decoders"].items():
    error, mean = decoder["test_loss"], decoder["mean_image_loss"]
    print(f"Recreated: the decoder \"{name}\" is off by {error:.4f} a pixel (mean squared error). Showing the mean image to everyone "
          f"is off by {mean:.4f}, so the decoder makes good {max(0.0, 1 - error / mean):.0%} of that.")
print(f"Picture, originals over what the decoder made of them: {run}/pictures/epoch-{last['epoch']:04d}.png")
PYTHON
picture=$run/pictures/epoch-0002.png
[ -s "$picture" ] || { echo "quickstart: the training left no picture at $picture; $run/log.txt says why." >&2; exit 1; }
