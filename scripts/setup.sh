#!/usr/bin/env bash
# Installs what a build and its tests need on Debian 12: packages, and oneDNN in .deps/onednn. Run again, it only checks.
#
#   scripts/setup.sh              install what is missing
#   scripts/setup.sh --check      say what is missing, install nothing; exit code 1 if anything is
#   scripts/setup.sh --peers DIR  also make a Python environment in DIR with PyTorch, TensorFlow and JAX. Only the programs
#                                 under tests/golden and tests/bench use it; it downloads several GB.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages=(
  # compiler and build
  g++ cmake ninja-build ccache pkg-config git ca-certificates
  # libraries that the program links
  libtomlplusplus-dev libboost-dev libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev
  zlib1g-dev libpng-dev libjpeg-dev libzip-dev
  # tests, and the tools that setup itself uses
  catch2 python3 python3-venv python3-pip python3-jsonschema
  # `generalizer draw` and `generalizer report` call it
  graphviz
  # curves of `generalizer report`; the browser that its test opens a page in
  libjs-chart.js chromium
  # the images that quickstart trains on
  dataset-fashion-mnist
)

# oneDNN 3.2 as PyPI carries it: the runtime and its headers, for g++ with libgomp.
onednn_wheels="onednn-cpu-gomp==2023.2.0 \
--hash=sha256:2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb
onednn-devel-cpu-gomp==2023.2.0 \
--hash=sha256:9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284"
onednn=$root/.deps/onednn

peer_packages=('torch==2.15.*' 'tensorflow-cpu==2.21.*' jax optax numpy)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
}

# Prints the packages of the list that are not installed, one a line.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
  printf '%s\n' "${packages[@]}" | grep -vxF -e "${installed:-none}" || true
}

# Runs a command up to three times, for mirrors and networks that fail now and then.
retry() {
  local try
  for try in 1 2 3; do
    "$@" && return 0
    [ "$try" = 3 ] || { say "that failed; trying again in $((try * 5)) seconds"; sleep $((try * 5)); }
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >&2
}

update_and_install() {
  apt update && apt install --no-install-recommends "$@"
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" != 0 ] || return 0
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    fail "Debian packages are missing, and installing them needs root or sudo. Run as root: apt-get install ${missing[*]}"
  fi
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  retry update_and_install "${missing[@]}" ||
    fail "apt-get could not install the packages; its own message is above. Put it right, then run scripts/setup.sh again."
}

onednn_ready() {
  [ -f "$onednn/wheels.txt" ] && [ "$(cat "$onednn/wheels.txt")" = "$onednn_wheels" ]
}

# Prints the first Python that has pip; a virtual environment's or pyenv's comes before Debian's.
python_with_pip() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -m pip --version >/dev/null 2>&1; then echo "$python"; return 0; fi
  done
  return 1
}

# Unpacks the wheels in folder $1 to folder $2. pip would leave the library's folder out (`--target`) or write it three times.
unpack_wheels() {
  python3 - "$1" "$2" <<'PYTHON'
import pathlib, shutil, sys, zipfile

wheels, target = map(pathlib.Path, sys.argv[1:])
for wheel in sorted(wheels.glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            _, found, inside = name.partition(".data/data/")
            if not found or inside.endswith(("/", "libdnnl.so", "libdnnl.so.3")):  # the last two: links, below
                continue
            path = target / inside
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, path.open("wb") as copy:
                shutil.copyfileobj(source, copy)
(target / "lib/libdnnl.so.3").symlink_to("libdnnl.so.3.2")
(target / "lib/libdnnl.so").symlink_to("libdnnl.so.3")
PYTHON
}

# Fills .deps/onednn. All work goes on in a folder beside it that takes its name at the end, so that an interrupted run leaves nothing.
install_onednn() {
  local python work
  [ "$(uname -m)" = x86_64 ] || fail "PyPI's oneDNN is for x86_64, and this machine is $(uname -m). Build oneDNN 3.2 or later" \
    "yourself and configure with -DCMAKE_PREFIX_PATH=THE_FOLDER_OF_ITS_lib_AND_include."
  mkdir -p "$root/.deps"
  exec 9>"$root/.deps/lock"
  flock 9
  if onednn_ready; then exec 9>&-; return 0; fi
  python=$(python_with_pip) || fail "neither python3 nor /usr/bin/python3 has pip. Install Debian's python3-pip."
  say "downloading oneDNN 3.2 from PyPI to .deps/onednn (39 MB, 55 MB unpacked)"
  work=$(mktemp -d "$root/.deps/onednn.XXXXXX")
  # shellcheck disable=SC2064  # the folder's name of now is meant
  trap "rm -rf '$work'" EXIT
  printf '%s\n' "$onednn_wheels" >"$work/wheels.txt"
  retry "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    --requirement "$work/wheels.txt" --dest "$work/wheels" >&2 ||
    fail "pip could not download oneDNN; its own message is above. Where it speaks of a hash, the file isn't the one that this" \
      "project was built with: don't use it. Where it speaks of the network, run scripts/setup.sh again later."
  mkdir "$work/onednn"
  unpack_wheels "$work/wheels" "$work/onednn"
  cp "$work/wheels.txt" "$work/onednn/wheels.txt"
  rm -rf "$onednn"
  mv "$work/onednn" "$onednn"
  rm -rf "$work"
  trap - EXIT
  exec 9>&-
}

make_peers() {
  local folder=$1
  if [ ! -x "$folder/bin/python" ]; then
    say "making a Python environment in $folder"
    python3 -m venv "$folder"
  fi
  say "installing into $folder: ${peer_packages[*]}"
  retry "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "${peer_packages[@]}" >&2 ||
    fail "pip could not install the peers; its own message is above."
}

check() {
  local missing
  missing=$(missing_packages | sed 's/^/Debian package /')
  if ! onednn_ready; then missing+=${missing:+$'\n'}'oneDNN 3.2 in .deps/onednn'; fi
  [ -z "$missing" ] || { printf '%s\n' "$missing"; say "the parts above are missing; scripts/setup.sh installs them"; exit 1; }
  say "nothing is missing"
}

mode=install peers=
while [ $# -gt 0 ]; do
  case $1 in
    --check) mode=check ;;
    --peers)
      [ $# -ge 2 ] || fail "--peers needs the folder to make the Python environment in, as in: --peers ~/peers"
      peers=$2
      shift ;;
    -h | --help) usage; exit 0 ;;
    *) fail "\"$1\" is no option of scripts/setup.sh; it knows --check, --peers DIR and --help." ;;
  esac
  shift
done

command -v apt-get >/dev/null ||
  fail "this machine has no apt-get, and the script knows Debian's packages only. Install by other means what these hold:" \
    "${packages[*]}"
if [ "$mode" = check ]; then check; exit 0; fi
install_packages
onednn_ready || install_onednn
if [ -n "$peers" ]; then make_peers "$peers"; fi
say "everything that a build needs is here"
