#!/usr/bin/env bash
# Checks the CUDA backend on a machine with an NVIDIA card: builds it there, and runs what only a card can show. It installs nothing and fetches
# nothing.
#
#   scripts/gpu-check.sh                       all parts; report in build/gpu-check/report: gpu-check.json, gpu-check.md (for docs/gpu-log.md), logs.tar.gz
#   scripts/gpu-check.sh --only PART[,PART]    these parts alone, and the build where it isn't up to date
#   scripts/gpu-check.sh --dry-run [--only …]  is everything here that this needs? Prints the plan; exit code 1 where something but the card is missing
#   scripts/gpu-check.sh --report FILE.json…   joins the reports of several calls (of one machine) into one
#   scripts/gpu-check.sh --pack DIR            on a machine where scripts/setup.sh has run: collects what to carry along
#   scripts/gpu-check.sh --save-curves [NAME…] there, too: trains on onednn and reference, and saves the losses that `parity` compares with
#
#   --carried DIR   what --pack collected (default: .deps/gpu where it is there; else what is installed is used)
#   --out DIR       where the report goes     --python PYTHON  the Python that has PyTorch (default: python3)
#   --rounds N      of the benchmark (default: 3)                --curves DIR     the saved curves (default: tests/parity/curves)
#
# Carry along: this repository without .git, and the folder that --pack made; together about 35 MB. The machine must have: CUDA 12.8 or newer with nvcc
# and compute-sanitizer, cuDNN 9 (that of PyTorch's Python packages will do), PyTorch for CUDA, CMake 3.25 or newer, ninja, g++ 12 or newer, python3.
#
# Every part goes on after a failure, ends within its time limit, and has its own exit status in the report. The script ends with 1 where a part failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/gpu
chart=usr/share/javascript/chart.js/chart.min.js  # of what was carried
work=build/gpu-check
parts=(build conformance parity memcheck racecheck rates bench-published bench-conv)
declare -A limit=([build]=540 [conformance]=420 [parity]=540 [memcheck]=570 [racecheck]=570 [rates]=120 [bench-published]=570 [bench-conv]=570)
declare -A purpose=(
  [build]="compile the program, the CUDA backend and what tests it"
  [conformance]="every op, and ONNX's operator cases, on the card, in each precision that the backend offers"
  [parity]="200 training steps of each graph in graphs/ against the saved curves, in f32 and f64"
  [memcheck]="the conformance suite under compute-sanitizer's memcheck"
  [racecheck]="the conformance suite under compute-sanitizer's racecheck"
  [rates]="the card's copy bandwidth and matmul rates"
  [bench-published]="the published network beside PyTorch eager, compiled and as CUDA graphs"
  [bench-conv]="the convolutional network beside the same"
)

say() { printf 'gpu-check: %s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }
multiarch() { g++ -print-multiarch 2>/dev/null || true; }

# ---- What is here -------------------------------------------------------------------------------------------------------------------------

# Prints the first of the files given that exists.
first_file() {
  local file
  for file in "$@"; do
    if [ -e "$file" ]; then echo "$file"; return 0; fi
  done
  return 1
}

cuda_tool() { command -v "$1" || first_file "/usr/local/cuda/bin/$1" "/usr/local/cuda/compute-sanitizer/$1"; }

# Prints the folders where a Python package keeps what PyTorch needs, as in nvidia/cudnn or nvidia/cu13.
python_folders() {
  "$python" - <<'PYTHON' 2>/dev/null
import glob, importlib.util
found = importlib.util.find_spec("nvidia")
for place in found.submodule_search_locations if found else []:
    print(*sorted(glob.glob(glob.escape(place) + "/*")), sep="\n")
PYTHON
}

# Prints a header's or library's path: of CUDA's folder, or else of a Python package.
cuda_file() {  # include|lib NAME...
  local kind=$1 folder name
  shift
  for folder in "$cuda_root" "$cuda_root/targets/x86_64-linux" $nvidia_folders; do
    for name in "$@"; do
      first_file "$folder/$kind/$name" "$folder/${kind}64/$name" && return 0
    done
  done
  return 1
}

# Prints a header's or library's path of what was carried, or of what is installed where nothing was.
carried_file() {  # include|lib NAME
  local root=$carried/usr
  [ -n "$carried" ] || root=/usr
  first_file "$root/$1/$2" "$root/$1/$(multiarch)/$2"
}

lacking=()
need() {  # WHAT PATH-OR-NOTHING ADVICE: one line of the dry run
  if [ -n "$2" ]; then
    printf '  %-34s %s\n' "$1" "$2"
  else
    printf '  %-34s MISSING. %s\n' "$1" "$3"
    lacking+=("$1")
  fi
}

find_tools() {
  nvcc=$(cuda_tool nvcc || true)
  cuda_root=
  [ -z "$nvcc" ] || cuda_root=$(dirname "$(dirname "$(readlink -f "$nvcc")")")
  nvidia_folders=$(python_folders || true)
  sanitizer=$(cuda_tool compute-sanitizer || true)
  cudnn_header=$(cuda_file include cudnn.h || true)
  cudnn_library=$(cuda_file lib libcudnn.so.9 libcudnn.so || true)
}

check_tools() {
  local name
  echo "On this machine:"
  for name in cmake ninja g++; do need "$name" "$(command -v "$name" || true)" "Install it."; done
  need "python3 ($python)" "$(command -v "$python" || true)" "Name it: --python PYTHON."
  need "nvcc" "$nvcc" "Install the CUDA Toolkit, 12.8 or newer, or put its bin/ on the PATH."
  for name in cublasLt.h nvrtc.h cuda_runtime_api.h; do need "$name" "$(cuda_file include $name || true)" "It belongs to the CUDA Toolkit."; done
  for name in libcublasLt libnvrtc; do need "$name" "$(cuda_file lib $name.so $name.so.13 $name.so.12 || true)" "It belongs to the CUDA Toolkit."; done
  need "libcudart_static.a" "$(cuda_file lib libcudart_static.a || true)" "It belongs to the CUDA Toolkit."
  need "cudnn.h" "$cudnn_header" "PyTorch's package nvidia-cudnn-cu13 brings it; or install cuDNN 9."
  need "libcudnn" "$cudnn_library" "PyTorch's package nvidia-cudnn-cu13 brings it; or install cuDNN 9."
  if wants memcheck || wants racecheck; then need "compute-sanitizer" "$sanitizer" "It belongs to the CUDA Toolkit (cuda-sanitizer); or leave its parts out: --only."; fi
  if wants rates || wants bench-published || wants bench-conv; then
    need "PyTorch" "$("$python" -c 'import importlib.util as u; print(u.find_spec("torch").origin)' 2>/dev/null || true)" "$python has no torch: name one that has, --python PYTHON."
  fi
}

check_carried() {
  local file graph name
  if [ -n "$carried" ]; then echo "Carried along in $carried:"; else echo "Carried along (nothing: what is installed is used):"; fi
  for file in toml++/toml.h boost/dll/shared_library.hpp CLI/CLI.hpp spdlog/spdlog.h fmt/format.h nlohmann/json.hpp zlib.h png.h jpeglib.h zip.h catch2/catch.hpp; do
    need "$file" "$(carried_file include $file || true)" "scripts/gpu-check.sh --pack collects it."
  done
  for file in libfmt.so libz.so libpng.so libjpeg.so libzip.so; do need "$file" "$(carried_file lib $file || true)" "scripts/gpu-check.sh --pack collects it."; done
  [ -z "$carried" ] || need "chart.min.js" "$(first_file "$carried/$chart" || true)" "scripts/gpu-check.sh --pack collects it."
  if wants parity; then
    need "Fashion-MNIST's beginning" "$(first_file "$data/train-images-idx3-ubyte.gz" || true)" "scripts/gpu-check.sh --pack makes it."
    for graph in graphs/*.toml; do
      for name in f32 f64; do
        file=$curves/$(basename "$graph" .toml).$name.json
        [ -f "$file" ] || need "$file" "" "scripts/gpu-check.sh --save-curves makes it."
      done
    done
  fi
}

# One line on the card; fails where there is none.
card() {
  command -v nvidia-smi >/dev/null || { echo "none: there is no nvidia-smi"; return 1; }
  nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null | head -n 1 | grep . || { echo "none: nvidia-smi finds no card"; return 1; }
}

dry_run() {
  local part total=0
  check_tools
  check_carried
  printf 'Card:\n  %s\n' "$(card || true)"
  echo "Plan, each part with the seconds it may take at most:"
  for part in "${chosen[@]}"; do
    printf '  %-16s %4d  %s\n' "$part" "${limit[$part]}" "${purpose[$part]}"
    total=$((total + limit[$part]))
  done
  printf '  %-16s %4d\n' "all" "$total"
  if [ ${#lacking[@]} != 0 ]; then
    printf 'Missing: %s.\n' "$(printf '%s, ' "${lacking[@]}" | sed 's/, $//')"
    return 1
  fi
  if card >/dev/null; then echo "Everything is here."; else echo "Everything is here but a card: on this machine the parts after the build would fail."; fi
}

# ---- The parts: each runs in a process of its own, prints to its log and leaves its figures as JSON under $work ---------------------------------

part_build() {
  rm -f "$work/backend.json"
  local flags="-Wl,--disable-new-dtags" options=() header
  # A library of the carried folder needs others of it: at link time by this option, when loaded by the old kind of run path, which counts for them, too.
  [ -z "$carried" ] || flags+=" -Wl,-rpath-link,$(realpath "$carried")/usr/lib/$(multiarch)"
  [ -z "$carried" ] || options+=("-DCMAKE_PREFIX_PATH=$(realpath "$carried")/usr" "-DCHART_JS=$(realpath "$carried")/$chart")
  # A toolkit may leave parts of itself to Python packages.
  header=$(cuda_file include cublasLt.h)
  case $header in
    "$cuda_root"/*) ;;
    *) options+=("-DCMAKE_CXX_FLAGS=-isystem $(dirname "$header")" "-DCUDA_cublasLt_LIBRARY=$(cuda_file lib libcublasLt.so libcublasLt.so.13 libcublasLt.so.12)") ;;
  esac
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGENERALIZER_CUDA=ON -DGENERALIZER_WERROR=OFF -DCMAKE_DISABLE_FIND_PACKAGE_dnnl=ON \
    "-DCUDAToolkit_ROOT=$cuda_root" "-DCUDNN_INCLUDE_DIR=$(dirname "$cudnn_header")" "-DCUDNN_LIBRARY=$cudnn_library" \
    "-DCMAKE_EXE_LINKER_FLAGS=$flags" "-DCMAKE_SHARED_LINKER_FLAGS=$flags" "-DCMAKE_MODULE_LINKER_FLAGS=$flags" "${options[@]}"
  cmake --build "$build" --parallel "$(nproc)" --target generalizer_program test_conformance test_onnx test_cuda parity
  "$build/bin/generalizer" plugins cuda --json >"$work/backend.json"
}

part_conformance() {
  local status=0
  ctest --test-dir "$build" -R "^(conformance|onnx), $backend/|^cuda:" --timeout 300 --parallel 4 --output-on-failure --no-tests=error \
    --output-junit "$PWD/$work/conformance.xml" || status=$?
  # To CTest a skipped test is as good as a passed one; here it means that the card wasn't used.
  if grep -B 1 '<skipped' "$work/conformance.xml" | grep -qE 'testcase name="(conformance|onnx),'; then say "tests were skipped"; status=8; fi
  return $status
}

part_parity() {
  local graph name failed=0
  mkdir -p "$work/parity"
  # f64 first: it is exact enough to show a wrong step from a rounding, whatever the network makes of roundings.
  for name in f64 f32; do
    for graph in graphs/*.toml; do
      timeout 90 "$build/bin/parity" compare --backend "$backend" --precision "$name" --tolerance "$([ $name = f64 ] && echo 1e-6 || echo 1e-4)" \
        --data "$data" --curves "$curves" --json "$graph" >"$work/parity/$(basename "$graph" .toml).$name.json" || { failed=1; say "$graph in $name: exit status $?"; }
    done
  done
  return $failed
}

# One test case of the conformance suite under a tool of compute-sanitizer; its line of the report: exit status and name.
sanitize_case() {  # TOOL NAME
  local status=0 log
  log=$work/$1/$(printf '%s' "$2" | tr -c 'A-Za-z0-9' '_').log
  GENERALIZER_TEST_BACKEND=$backend/f32 timeout 200 "$sanitizer" --tool "$1" --error-exitcode 99 "$build/bin/test_conformance" --warn NoTests \
    "$(printf '%s' "$2" | sed 's/[][,"\\*]/\\&/g')" >"$log" 2>&1 || status=$?
  if grep -q 'SKIPPED: ' "$log"; then status=77; fi
  printf '%s\t%s\n' "$status" "$2" >>"$work/$1.tsv"
  [ "$status" = 0 ] || { echo "== $2: exit status $status"; grep -v '^========= *$' "$log" | head -n 40; }
}

sanitize() {
  rm -rf "${work:?}/$1" "$work/$1.tsv"
  mkdir -p "$work/$1"
  # Catch2's exit status of a listing is the number of tests.
  { "$build/bin/test_conformance" --list-test-names-only || true; } | sed '/^ *$/d' >"$work/$1/cases"
  export -f sanitize_case
  export work build backend sanitizer
  # shellcheck disable=SC2016  # the inner shell expands it
  xargs -d '\n' -P 4 -I '{}' bash -c 'sanitize_case "$0" "$1"' "$1" '{}' <"$work/$1/cases"
  [ "$(grep -c '^0'$'\t' "$work/$1.tsv")" = "$(wc -l <"$work/$1/cases")" ]
}
part_memcheck() { sanitize memcheck; }
part_racecheck() { sanitize racecheck; }

part_rates() { "$python" tests/bench/peers/torch_rates.py >"$work/rates.json"; }

bench() {
  local batch
  for batch in 32 128 1024; do
    "$build/bin/generalizer" check "graphs/$2" --json --set "backend=$backend" --set "train.batch=$batch" --set "data.root=$data" >"$work/check-$1-$batch.json" || true
  done
  tests/bench/run.sh --device cuda --python "$python" --program "$build/bin/generalizer" --nets "$1" --batches 32,128,1024 --precisions f32,tf32,bf16 \
    --rounds "$rounds" --save "$work/bench-$1.json"
}
part_bench-published() { bench published fashion-generalizer.toml; }
part_bench-conv() { bench conv fashion-convolutional.toml; }

# ---- The run -------------------------------------------------------------------------------------------------------------------------------

write_machine() {
  local commit
  commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
  [ "$commit" = unknown ] || [ -z "$(git status --porcelain --untracked-files=no)" ] || commit+=" and changes"
  "$python" - "$work/machine.json" "$(card || true)" "$(date -u +%Y-%m-%d)" "$commit" "$command_line" "$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')" \
    "$(g++ -dumpfullversion)" "$(nproc)" <<'PYTHON'
import json, sys
path, *values = sys.argv[1:]
json.dump(dict(zip(("card", "date", "commit", "command", "cuda", "gcc", "cores"), values)), open(path, "w"), indent=2)
PYTHON
}

# Runs a part within its limit and notes how it ended.
run_part() {
  local status=0 began ended
  say "$1: ${purpose[$1]} (at most ${limit[$1]} s)"
  # What an earlier run left must not be taken for this one's.
  rm -rf "${work:?}/$1".{json,xml,log,tsv,part.json} "${work:?}/$1" "$work"/check-"${1#bench-}"-*.json
  began=$(date +%s)
  # The part and all that it starts is one process group, which timeout ends as a whole.
  timeout --kill-after=10 "${limit[$1]}" "${BASH_SOURCE[0]}" --run-part "$1" --carried "$carried" --python "$python" --rounds "$rounds" --backend "$backend" --curves "$curves" \
    >"$work/$1.log" 2>&1 || status=$?
  ended=$(date +%s)
  printf '{"part": "%s", "exit": %d, "seconds": %d, "limit": %d}\n' "$1" "$status" $((ended - began)) "${limit[$1]}" >"$work/$1.part.json"
  [ "$status" = 0 ] || { tail -n 25 "$work/$1.log" | sed 's/^/    /' >&2; say "$1: failed with exit status $status$([ $status != 124 ] || echo " (out of time)")"; }
  return "$status"
}

run_all() {
  local part failed=0
  mkdir -p "$work" "$out"
  rm -f "$work"/*.part.json
  write_machine
  run_part build || { failed=1; [ -x "$build/bin/generalizer" ] || chosen=(build); }
  for part in "${chosen[@]}"; do
    [ "$part" = build ] || run_part "$part" || failed=1
  done
  "$python" scripts/gpu/report.py --collect "$work" --json "$out/gpu-check.json" --markdown "$out/gpu-check.md" || failed=1
  tar -C "$work" -czf "$out/logs.tar.gz" --exclude=report . || failed=1
  cat "$out/gpu-check.md"
  say "report in $out: gpu-check.json, gpu-check.md, logs.tar.gz"
  return $failed
}

save_curves() {
  local graph name program=build/release/bin/parity cost
  [ -x "$program" ] || fail "$program isn't there. Build it: cmake --preset release && cmake --build --preset release --target parity"
  [ -f "$data/train-images-idx3-ubyte.gz" ] || "$python" tests/parity/first_images.py "${FASHION_MNIST:-/usr/share/datasets/fashion-mnist}" "$data"
  [ $# != 0 ] || { for graph in graphs/*.toml; do set -- "$@" "$(basename "$graph" .toml)"; done; }
  for name in "$@"; do
    # Residual networks would take hours.
    case $name in *resnet*) cost=(--batch 32 --rounding 1) ;; *) cost=(--rounding 3) ;; esac
    OMP_WAIT_POLICY=passive "$program" save --backend onednn "${cost[@]}" --data "$data" --curves "$curves" "graphs/$name.toml"
    "$program" save --backend reference --precision f64 --batch 8 --rounding 1 --data "$data" --curves "$curves" "graphs/$name.toml"
  done
}

mode=run carried='?' out=$work/report python=python3 rounds=3 backend=cuda curves=tests/parity/curves chosen=("${parts[@]}") rest=()
command_line="scripts/gpu-check.sh $*"
while [ $# -gt 0 ]; do
  case $1 in
    --only | --pack | --carried | --out | --python | --rounds | --run-part | --backend | --curves) [ $# -ge 2 ] || fail "$1 needs a value; scripts/gpu-check.sh --help says which." ;;
  esac
  case $1 in
    --only)
      IFS=, read -r -a chosen <<<"$2"
      for part in "${chosen[@]}"; do [ -n "${limit[$part]:-}" ] || fail "\"$part\" is no part; the parts are ${parts[*]}."; done
      shift ;;
    --dry-run) mode=dry ;;
    --pack) exec scripts/gpu/pack.sh "$2" ;;
    --save-curves) mode=curves; shift; rest=("$@"); break ;;
    --report) mode=report; shift; rest=("$@"); break ;;
    --run-part) mode=part; chosen=("$2"); shift ;;
    --carried) carried=$2; shift ;;
    --out) out=$2; shift ;;
    --python) python=$2; shift ;;
    --rounds) rounds=$2; shift ;;
    --curves) curves=$2; shift ;;
    --backend) backend=$2; shift ;;  # for trying the parts on a machine without a card
    -h | --help) usage; exit 0 ;;
    *) fail "\"$1\" is no option of scripts/gpu-check.sh; --help lists them." ;;
  esac
  shift
done
wants() { [[ " ${chosen[*]} " == *" $1 "* ]]; }
if [ "$carried" = '?' ]; then carried=; [ ! -d .deps/gpu ] || carried=.deps/gpu; fi
[ -z "$carried" ] || [ -d "$carried" ] || fail "$carried isn't there. scripts/gpu-check.sh --pack makes it, on a machine where scripts/setup.sh has run."
data=build/parity/data
if [ -n "$carried" ] && [ -d "$carried/data" ]; then data=$carried/data; fi

case $mode in
  report) exec "$python" scripts/gpu/report.py --join "${rest[@]}" --json "$out/gpu-check.json" --markdown "$out/gpu-check.md" ;;
  curves) save_curves "${rest[@]}"; exit ;;
esac
find_tools
case $mode in
  dry) dry_run ;;
  part) "part_${chosen[0]}" ;;
  run)
    dry_run >&2 || fail "what is missing is named above; nothing was run."
    run_all ;;
esac
