# Shared set-up of the scripts: installs what is missing, configures and builds. Sourced, not run.
# shellcheck shell=bash

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export project

build_packages=(g++ cmake ninja-build libcli11-dev nlohmann-json3-dev libeigen3-dev
                libnlopt-dev libnlopt-cxx-dev libfmt-dev libsimdjson-dev
                libtomlplusplus-dev libyaml-cpp-dev)
test_packages=(catch2 mandoc perl jq python3-jsonschema dpkg-dev fish zsh)
check_packages=(clang clang-format clang-tidy shellcheck chromium)
export build_packages test_packages check_packages

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "root or sudo is needed for: $*"
  fi
}

# need PACKAGE...: install those that are missing
need() {
  if ! command -v dpkg-query >/dev/null; then
    echo "${0##*/}: no dpkg here; install the equivalents of: $*" >&2
    return
  fi
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  echo "Installing ${missing[*]}"
  as_root apt-get -qq update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}" >/dev/null
}

# npm comes with nodejs or beside it, as the distribution has it
need_npm() {
  command -v npm >/dev/null || need nodejs npm
}

# build PRESET [cmake options]: configure and build; the log shows only when something fails
build() {
  local preset=$1 log
  shift
  log=$project/build/$preset.log
  mkdir -p "$project/build"
  echo "Building preset $preset"
  if ! (cd "$project" && cmake --preset "$preset" "$@" && cmake --build --preset "$preset") >"$log" 2>&1; then
    cat "$log" >&2
    fail "the build failed; its log is $log"
  fi
}
