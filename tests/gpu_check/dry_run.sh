#!/usr/bin/env bash
# The dry run of scripts/gpu-check.sh on made-up machines: one that lacks nothing but the card, and ones that lack something.
set -Eeuo pipefail
source=$1
world=$(mktemp -d)
trap 'rm -rf "$world"' EXIT
trap 'echo "dry_run.sh: line $LINENO failed; the script said:"; cat "$world/said"' ERR

tools=$world/cuda/bin packages=$world/packages carried=$world/carried
mkdir -p "$tools" "$world/cuda/include" "$world/cuda/lib" "$packages/torch" "$packages/nvidia/cudnn/include" "$packages/nvidia/cudnn/lib"
for tool in nvcc compute-sanitizer cmake ninja g++; do printf '#!/bin/sh\n' >"$tools/$tool"; done
chmod +x "$tools"/*
touch "$world/cuda/include/"{cublasLt.h,nvrtc.h,cuda_runtime_api.h} "$world/cuda/lib/"{libcublasLt.so.13,libnvrtc.so,libcudart_static.a}
touch "$packages/torch/__init__.py" "$packages/nvidia/cudnn/include/cudnn.h" "$packages/nvidia/cudnn/lib/libcudnn.so.9"
for header in toml++/toml.h boost/dll/shared_library.hpp CLI/CLI.hpp spdlog/spdlog.h fmt/format.h nlohmann/json.hpp zlib.h png.h jpeglib.h zip.h catch2/catch.hpp; do
  mkdir -p "$carried/usr/include/$(dirname "$header")"
  touch "$carried/usr/include/$header"
done
mkdir -p "$carried/usr/lib" "$carried/data" "$carried/usr/share/javascript/chart.js"
touch "$carried/usr/share/javascript/chart.js/chart.min.js" "$carried/usr/lib/"{libfmt,libz,libpng,libjpeg,libzip}.so "$carried/data/train-images-idx3-ubyte.gz"

mkdir "$world/curves"
for graph in "$source"/graphs/*.toml; do touch "$world/curves/$(basename "$graph" .toml)".{f32,f64}.json; done

# A PATH of its own, so that the answer hangs on nothing of this machine; a fake card, where asked for.
for tool in bash env python3 sed tr head grep dirname basename readlink mkdir cat date; do
  ln -s "$(command -v "$tool")" "$tools/$tool"
done
dry_run() { PATH=$tools PYTHONPATH=$packages "$source/scripts/gpu-check.sh" --dry-run --carried "$carried" --curves "$world/curves" "$@" >"$world/said" 2>&1; }
says() { grep -qF -- "$1" "$world/said"; }

dry_run
says "none: there is no nvidia-smi"
says "Everything is here but a card"
says "$packages/nvidia/cudnn/lib/libcudnn.so.9"
says "memcheck          570"
says "all              3900"

printf '#!/bin/sh\necho "NVIDIA Test, 80 GiB, 1.2"\n' >"$tools/nvidia-smi"
chmod +x "$tools/nvidia-smi"
dry_run
says "NVIDIA Test, 80 GiB, 1.2"
says "Everything is here."
rm "$tools/nvidia-smi"

# What is missing is named, with what to do about it; what the parts asked for don't need isn't.
rm "$carried/usr/include/zip.h" "$tools/compute-sanitizer"
if dry_run; then false; fi
says "zip.h                              MISSING. scripts/gpu-check.sh --pack collects it."
says "Missing: compute-sanitizer, zip.h."
if dry_run --only parity; then false; fi
says "Missing: zip.h."
touch "$carried/usr/include/zip.h"
mv "$world/curves/fashion-lenet.f64.json" "$world"
if dry_run --only parity; then false; fi
says "fashion-lenet.f64.json MISSING. scripts/gpu-check.sh --save-curves makes it."
dry_run --only build
mv "$world/fashion-lenet.f64.json" "$world/curves"
dry_run --only build,parity
says "all              1080"
rm -r "$packages/nvidia"
if dry_run --only build; then false; fi
says "Missing: cudnn.h, libcudnn."

# Nothing is run where something is missing.
if PATH=$tools PYTHONPATH=$packages "$source/scripts/gpu-check.sh" --carried "$carried" --only build >"$world/said" 2>&1; then false; fi
says "nothing was run"

if dry_run --only parity,bench; then false; fi
says "\"bench\" is no part; the parts are build conformance"
if dry_run --no-such; then false; fi
says "\"--no-such\" is no option"
if PATH=$tools "$source/scripts/gpu-check.sh" --dry-run --carried "$world/nowhere" >"$world/said" 2>&1; then false; fi
says "nowhere isn't there. scripts/gpu-check.sh --pack makes it"
