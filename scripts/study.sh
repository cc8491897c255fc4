#!/usr/bin/env bash
# Reproduces the study of docs/study.md on Fashion-MNIST: does the representation forget, against fresh attackers, and does the classifier generalize better?
# Every part is a sweep; what is done is kept, and the same command goes on. A budget that ends leaves every combination with as many seeds as were done.
#
#   scripts/study.sh                     all of it, however long it takes (days on two cores)
#   scripts/study.sh --budget HOURS      so long at most, each part its share; run again, it goes on
#   scripts/study.sh --quick             the same in small, to see that it works: minutes, and no findings
#   scripts/study.sh --tables            run nothing: print the tables of what is done, in Markdown
#
#   --only PART      this part alone (repeatable): published, objectives, convolutional, convolutional-objectives, narrow, forget, label-noise,
#                    train-images
#   --seeds N        runs of each combination (default 5)
#   --jobs N         runs at a time (default 1)
#   --out DIR        where the sweeps lie (default study, with --quick study-quick)
#   --program FILE   the program (default build/release/bin/generalizer)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf 'study: %s\n' "$*" >&2; }
fail() { printf 'study: %s\n' "$*" >&2; exit 2; }
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

budget='' quick=no tables=no seeds=5 jobs=1 out='' program=$root/build/release/bin/generalizer only=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --tables) tables=yes ;;
    -h | --help) usage; exit 0 ;;
    --budget | --only | --seeds | --jobs | --out | --program)
      [ $# -ge 2 ] || fail "$1 needs a value; --help shows what there is."
      case $1 in
        --budget) budget=$2 ;; --only) only+=("$2") ;; --seeds) seeds=$2 ;; --jobs) jobs=$2 ;; --out) out=$2 ;; --program) program=$2 ;;
      esac
      shift ;;
    *) fail "\"$1\" is no option of scripts/study.sh; --help shows what there is." ;;
  esac
  shift
done
[[ $seeds =~ ^[1-9][0-9]*$ ]] || fail "--seeds wants a whole number of at least 1, and \"$seeds\" was found."
[[ $jobs =~ ^[1-9][0-9]*$ ]] || fail "--jobs wants a whole number of at least 1, and \"$jobs\" was found."
[ -z "$budget" ] || [[ $budget =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail "--budget wants hours, such as 4 or 0.5, and \"$budget\" was found."
[ -x "$program" ] || fail "there is no program $program; build it (cmake --build --preset release), or name it with --program."

# How large each part is.
if [ "$quick" = yes ]; then
  out=${out:-study-quick} images=1000 few=1000 epochs=1 few_epochs=1 sizes=500,1000
  attack=(--audit-args="--seeds 1 --epochs 2 --images 1000")
  light=(--audit-args="--seeds 1 --epochs 2 --images 1000 --attackers two_layer")
  [ "$seeds" != 5 ] || seeds=2
else
  out=${out:-study} images=60000 few=10000 epochs=4 few_epochs=8 sizes=1000,5000,20000,60000
  attack=(--audit-args="--seeds 2 --images 20000")
  light=(--audit-args="--seeds 1 --images 10000 --attackers two_layer")
fi

published=graphs/fashion-generalizer.toml
convolutional=graphs/fashion-convolutional.toml
all=(published objectives convolutional convolutional-objectives narrow forget label-noise train-images)
declare -A share=([published]=20 [objectives]=14 [convolutional]=12 [convolutional-objectives]=8 [narrow]=16 [forget]=10 [label-noise]=10 [train-images]=10)

# Sets `arguments` to those of a part's sweep: its graph, what is varied, and how it is audited.
arguments_of() {
  local pushed=uniform,class_mean,gradient_reversal
  case $1 in
    published)  # the published network and objective: from no adversary to a strong one
      arguments=("$published" --over 'decoder.weight=0,0.5,1,2,4,8' --over 'decoder.every=1,5'
        --set "train.epochs=$epochs" --set "data.train.limit=$images" "${attack[@]}") ;;
    objectives)  # the same network, pushed toward something instead of away from the truth, and held by a ceiling
      arguments=("$published" --over "decoder.objective=$pushed" --over 'decoder.weight=1,4' --case decoder.weight=0
        --case 'decoder.weight=2,decoder.ceiling=mean_image' --case 'decoder.weight=2,decoder.steps=5'
        --set "train.epochs=$epochs" --set "data.train.limit=$images" "${attack[@]}") ;;
    convolutional)
      arguments=("$convolutional" --over 'decoder.weight=0,0.5,1,2,4,8' --over 'decoder.every=1,5'
        --set "train.epochs=$few_epochs" --set "data.train.limit=$few" "${attack[@]}") ;;
    convolutional-objectives)
      arguments=("$convolutional" --over "decoder.objective=$pushed" --over 'decoder.weight=1,4' --case decoder.weight=0
        --case 'decoder.weight=2,decoder.ceiling=mean_image' --case 'decoder.weight=2,decoder.steps=5'
        --set "train.epochs=$few_epochs" --set "data.train.limit=$few" "${attack[@]}") ;;
    narrow)  # a tap that can hold little: few units, noise, and what the adversary adds to that
      local noisy=decoder.bound=layer_norm,decoder.noise
      arguments=("$convolutional" --case 'decoder.weight=0,decoder.noise=0' --baseline 'decoder.weight=0,decoder.noise=0'
        --case "decoder.weight=0,$noisy=1.0" --case "decoder.weight=5,$noisy=1.0" --case "decoder.weight=5,$noisy=1.0,decoder.objective=class_mean"
        --case 'decoder.weight=0,classifier.layers.embedding.units=8' --case 'decoder.weight=5,classifier.layers.embedding.units=8'
        --case "decoder.weight=0,$noisy=0.5,classifier.layers.embedding.units=16" --case "decoder.weight=5,$noisy=0.5,classifier.layers.embedding.units=16"
        --case "decoder.weight=0,$noisy=0.5,classifier.layers.embedding.units=8" --case "decoder.weight=5,$noisy=0.5,classifier.layers.embedding.units=8"
        --case "decoder.weight=5,$noisy=0.5,classifier.layers.embedding.units=8,decoder.objective=class_mean"
        --set "train.epochs=$few_epochs" --set "data.train.limit=$few" "${attack[@]}") ;;
    forget)  # our own setting, what each of its means does, and the same network plain
      local plain=decoder.weight=0,decoder.noise=0.0,decoder.noise_in_use=false,decoder.bound=none,classifier.layers.embedding.units=128
      arguments=(graphs/fashion-forget.toml --case "$plain" --baseline decoder.noise=0.0 --case decoder.weight=2.0 --case decoder.weight=0
        --case decoder.weight=5.0 --case 'decoder.weight=2.0,decoder.objective=negative_loss' --case 'decoder.weight=2.0,classifier.layers.embedding.units=8'
        --case 'decoder.weight=2.0,decoder.noise=1.0' --set "train.epochs=$few_epochs" --set "data.train.limit=$images" "${attack[@]}") ;;
    label-noise)  # does forgetting help against labels learnt by heart?
      arguments=("$convolutional" --over 'data.label_noise=0.0,0.2,0.4' --over 'decoder.weight=0,2'
        --case "data.label_noise=0.0,decoder.weight=0,decoder.bound=layer_norm,decoder.noise=1.0"
        --case "data.label_noise=0.2,decoder.weight=0,decoder.bound=layer_norm,decoder.noise=1.0"
        --case "data.label_noise=0.4,decoder.weight=0,decoder.bound=layer_norm,decoder.noise=1.0"
        --set "train.epochs=$few_epochs" --set "data.train.limit=$few" "${light[@]}") ;;
    train-images)  # does it help where images are few?
      arguments=("$published" --over "data.train.limit=$sizes" --over 'decoder.weight=0,2' --set "train.epochs=$epochs" "${light[@]}") ;;
    *) fail "\"$1\" is no part of the study; there are: ${all[*]}." ;;
  esac
  arguments+=(--seeds "$seeds")
}

print_tables() { python3 scripts/study_tables.py "$out" "${parts[@]}"; }

parts=("${all[@]}")
[ "${#only[@]}" = 0 ] || parts=("${only[@]}")
for part in "${parts[@]}"; do arguments_of "$part"; done  # a name that is none, before anything runs
if [ "$tables" = yes ]; then print_tables; exit 0; fi

mkdir -p "$out"
whole=$(awk -v hours="${budget:-0}" 'BEGIN { printf "%d", hours * 3600 }')
[ -z "$budget" ] || [ "$whole" -ge 1 ] || fail "--budget $budget leaves no time."
began=$SECONDS unfinished=()

# Runs a part for at most $2 seconds, 0 for as long as it takes. Returns 0 when it is complete, 1 when time ran out; ends the study when the user interrupts it.
run_part() {
  local code=0 timed=()
  arguments_of "$1"
  [ "$2" = 0 ] || timed=(timeout --foreground --signal=INT "$2")
  say "$1"
  "${timed[@]}" "$program" sweep "${arguments[@]}" --jobs "$jobs" --out "$out/$1" >/dev/null || code=$?
  case $code in
    0) return 0 ;;
    1) say "some runs of $1 failed; they are named above, and the same command tries them again."; return 0 ;;
    124) say "$1 has used its time."; return 1 ;;
    *) exit "$code" ;;
  esac
}

# Every part its share of the budget; then, what parts have left over goes to those that were not complete.
sum=0
for part in "${parts[@]}"; do sum=$((sum + share[$part])); done
for part in "${parts[@]}"; do
  limit=0
  [ -z "$budget" ] || limit=$((whole * share[$part] / sum + 1))
  run_part "$part" "$limit" || unfinished+=("$part")
done
for part in "${unfinished[@]}"; do
  left=$((whole - (SECONDS - began)))
  [ "$left" -gt 30 ] || break
  run_part "$part" "$left" || true
done
print_tables
