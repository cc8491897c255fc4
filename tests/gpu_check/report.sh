#!/usr/bin/env bash
# The report of scripts/gpu-check.sh of made-up figures: the page is the one that lies beside this, and reports of several calls join.
set -euo pipefail
source=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 "$here/made_up.py" "$work/figures"
for part in build conformance parity memcheck racecheck rates bench-published; do touch "$work/figures/$part.part.json"; sleep 0.01; done
python3 "$source/scripts/gpu/report.py" --collect "$work/figures" --json "$work/all.json" --markdown "$work/all.md"
diff "$here/made_up.md" "$work/all.md"

# The same parts, run in two calls.
mkdir "$work/first" "$work/second"
cp -r "$work/figures/." "$work/first"
rm "$work/first/"{rates,bench-published}.part.json
cp -r "$work/figures/." "$work/second"
rm "$work/second/"{build,conformance,parity,memcheck,racecheck}.part.json
for call in first second; do python3 "$source/scripts/gpu/report.py" --collect "$work/$call" --json "$work/$call.json" --markdown "$work/$call.md"; done
(cd "$source" && scripts/gpu-check.sh --out "$work/joined" --report "$work/first.json" "$work/second.json")
diff <(sed 3d "$here/made_up.md") <(sed 3d "$work/joined/gpu-check.md")

# Nothing at all was left: a page all the same.
mkdir "$work/nothing"
python3 "$source/scripts/gpu/report.py" --collect "$work/nothing" --json "$work/nothing.json" --markdown "$work/nothing.md"
grep -q '| part | result | figures | seconds |' "$work/nothing.md"

# Figures of two cards are not one report.
sed 's/MADE UP/ANOTHER/' "$work/second.json" >"$work/other.json"
if (cd "$source" && scripts/gpu-check.sh --out "$work/joined" --report "$work/first.json" "$work/other.json") 2>"$work/said"; then exit 1; fi
grep -q "different cards" "$work/said"
