#!/usr/bin/env bash
# Lays every C++ file out by .clang-format; with --check it changes nothing and exits 1 where a file is laid out otherwise.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1-} in
  "") how=(-i) ;;
  --check) how=(--dry-run --Werror) ;;
  *) echo "format: \"$1\" is no option of scripts/format.sh; it knows --check." >&2; exit 1 ;;
esac
command -v clang-format >/dev/null || { echo "format: clang-format is missing. Run: apt-get install clang-format" >&2; exit 1; }
git ls-files --cached --others --exclude-standard -z -- '*.h' '*.cc' '*.cu' | xargs -0 -r clang-format "${how[@]}"
