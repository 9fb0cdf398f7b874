# completions parse in their shells, and know every command and exactly the options of its table
options_of() { scaleplan "$1" --help | sed -n 's/^  \(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u; }
for shell in bash fish zsh; do
  scaleplan show completion $shell >$shell.script
  ! command -v $shell >/dev/null || $shell -n $shell.script || echo "$shell cannot read its completion"
done
. ./bash.script
complete_bash() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _scaleplan
  printf '%s\n' "${COMPREPLY[@]}" | sort -u
}
# the options that a script offers for a command: fish names it in a condition, zsh in a case
fish_options() { sed -n "s/^complete .*subcommand_from $1' -l \([a-z-]*\).*/--\1/p" fish.script | sort -u; }
zsh_options() { sed -n "/^    $1)/,/;;/p" zsh.script | sed -n "s/^ *'\*\(--[a-z-]*\)\[.*/\1/p" | sort -u; }
scaleplan --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' >commands
while IFS= read -r command; do
  options_of "$command" >want
  complete_bash scaleplan "$command" -- | diff want - || echo "bash: options of $command"
  fish_options "$command" | diff want - || echo "fish: options of $command"
  zsh_options "$command" | diff want - || echo "zsh: options of $command"
  complete_bash scaleplan "$command" | grep -qx "$command" || echo "bash: no $command"
  grep -q -- "-a $command -d" fish.script || echo "fish: no $command"
  grep -q "^    '$command:" zsh.script || echo "zsh: no $command"
done <commands
# values: formats, files, ids of the catalogue
complete_bash scaleplan plan --format j
complete_bash scaleplan show device h100-sxm
complete_bash scaleplan show comp
complete_bash scaleplan fit --law chinch
touch runs.jsonl
complete_bash scaleplan fit ru
complete_bash scaleplan plan --level 0
if command -v fish >/dev/null; then
  HOME=. fish --no-config -c 'source fish.script; complete -C "scaleplan plan --form"; complete -C "scaleplan show device h100-sxm"' |
    cut -f 1 | diff - <(printf '%s\n' --format h100-sxm-80) || echo "fish completes otherwise"
fi
scaleplan show completion powershell
