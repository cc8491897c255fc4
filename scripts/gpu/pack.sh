#!/usr/bin/env bash
# Collects what a bare GPU machine lacks for a build into one folder: see scripts/gpu-check.sh, which calls it as
#
#   scripts/gpu-check.sh --pack DIR
#
# Run where scripts/setup.sh has run, on Debian. DIR/usr holds headers, shared libraries with all that they need, and CMake's descriptions of them;
# DIR/data the beginnings of Fashion-MNIST's files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

packages=(libtomlplusplus-dev libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev zlib1g-dev libpng-dev libjpeg62-turbo-dev libzip-dev catch2 libjs-chart.js)
fashion=${FASHION_MNIST:-/usr/share/datasets/fashion-mnist}

say() { printf 'gpu-check: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Prints the files of the packages named that a build reads: no manuals, no archives that a shared library stands for.
files_of() {
  dpkg -L "$@" | grep -E '^/usr/(include|lib|share/cmake)|/chart\.js/chart\.min\.js$' | grep -vE '/pkgconfig/|/lib(z|png16|png|jpeg|turbojpeg)\.a$' |
    while IFS= read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done
}

# Prints the headers of Boost that the project includes, of the 160 MB that there are. Boost chooses some by the compiler: all that describe
# compilers and libraries go along, too.
boost_files() {
  local boost
  boost=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 'libboost1.*-dev' 2>/dev/null | sed -nE 's/^installed (libboost1\.[0-9]+-dev)$/\1/p' | head -n 1)
  [ -n "$boost" ] || fail "Boost's headers are missing. Run scripts/setup.sh first."
  dpkg -L "$boost" | grep -E '/cmake/|^/usr/include/boost/(config|predef)/' | while IFS= read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done
  grep -rl --include='*.cc' '#include <boost/' core plugins runner tests | while IFS= read -r file; do
    g++ -std=c++20 -M -Icore -Icore/include -Irunner -Itests "$file" | grep -o '/usr/include/boost/[^ ]*'
  done
}

# Prints the shared libraries that library $1 needs, at any depth, but for those of the compiler and of the C library.
needed_by() {
  ldd "$1" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | grep -vE '/(libc|libm|libdl|libpthread|librt|libstdc\+\+|libgcc_s)\.so' || true
}

copy() {  # the file $1 to the same place under $2, a link as what it points to
  mkdir -p "$2$(dirname "$1")"
  cp -L --preserve=mode "$1" "$2$1"
}

arch=$(g++ -print-multiarch)
target=${1:?scripts/gpu-check.sh --pack DIR calls this}
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || fail "the Debian package $package is missing. Run scripts/setup.sh first."
done
[ -f "$fashion/train-images-idx3-ubyte.gz" ] || fail "Fashion-MNIST is not in $fashion. Run scripts/setup.sh first, or name its folder: FASHION_MNIST=DIR."
mkdir -p "$target"
[ -z "$(ls -A "$target")" ] || [ -f "$target/contents.txt" ] || fail "$target holds something else. Name a folder that is new, or an older pack's."
rm -rf "${target:?}/usr" "$target/data" "$target/contents.txt"

boost=$(boost_files)
mapfile -t files < <(files_of "${packages[@]}"; sort -u <<<"$boost")
for file in "${files[@]}"; do
  copy "$file" "$target"
  case $file in
    # A library goes by three names: the linker's, the loader's, and its file's, which CMake's descriptions may check for.
    *.so)
      copy "$(readlink -f "$file")" "$target"
      for library in "$(dirname "$file")/$(objdump -p "$file" | sed -n 's/ *SONAME *//p')" $(needed_by "$file"); do
        mkdir -p "$target/usr/lib/$arch"
        cp -L "$library" "$target/usr/lib/$arch/"
      done ;;
  esac
done
# Compilers look into the architecture's folder of their own root alone.
if [ -d "$target/usr/include/$arch" ]; then
  cp -r "$target/usr/include/$arch/." "$target/usr/include/"
  rm -r "${target:?}/usr/include/$arch"
fi
python3 tests/parity/first_images.py "$fashion" "$target/data"
dpkg-query -W "${packages[@]}" >"$target/contents.txt"
say "packed $(du -sh "$target" | cut -f 1) into $target; carry it, and on the other machine: scripts/gpu-check.sh --carried $target"
