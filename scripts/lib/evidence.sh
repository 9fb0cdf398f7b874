# Shared set-up of the scripts that make tables of evidence from a folder of public runs. Sourced, not run.
# shellcheck shell=bash

# evidence FOLDER [PROGRAM]: sets folder, program and a scratch folder that is removed at the end
evidence() {
  local script=${0##*/}
  folder=${1:?usage: scripts/$script FOLDER [PROGRAM]}
  program=${2:-build/release/scaleplan}
  export folder program
  command -v jq >/dev/null || { echo "$script: jq is needed (apt-get install jq)" >&2; exit 2; }
  "$program" --version >/dev/null || { echo "$script: cannot run $program" >&2; exit 2; }
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
}

# have SET: whether the folder holds its rows
have() {
  [ -r "$folder/$1/runs.jsonl" ] || { echo "${0##*/}: no $folder/$1/runs.jsonl" >&2; return 1; }
}
