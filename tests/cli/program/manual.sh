# the manual has a page for every command with exactly the options of its table, the page of files is that of
# the schemas, and mandoc finds nothing to say
options_of_help() { sed -n 's/^  \(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u; }
options_of_page() { sed -n 's/^\.It .*Fl -\([a-z][a-z-]*\).*/--\1/p' "$1" | sort -u; }
common=$PROJECT/man/scaleplan.1
scaleplan --help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' >commands
while IFS= read -r command; do
  page=$PROJECT/man/scaleplan-$command.1
  [ -e "$page" ] || { echo "$command: no page of the manual"; continue; }
  for list in "It Xr" Xr; do
    grep -q "^\.$list scaleplan-$command 1" "$common" || echo "$command: scaleplan.1 has no '$list' of it"
  done
  grep -q '^\.Sh EXAMPLES' "$page" || echo "$command: its page has no examples"
  { options_of_page "$common"; options_of_page "$page"; } | sort -u >in-page
  scaleplan "$command" --help | options_of_help >in-help
  diff in-page in-help || echo "$command: manual and options differ"
done <commands
for page in "$PROJECT"/man/scaleplan-*.1; do
  command=${page##*/scaleplan-}
  grep -qx "${command%.1}" commands || echo "$page: no such command"
done
"$PROJECT/scripts/make-files-page" | cmp -s - "$PROJECT/man/scaleplan-files.5" ||
  echo "scaleplan-files.5 is not that of the schemas: scripts/make-files-page > man/scaleplan-files.5"
mandoc -T lint -W warning "$PROJECT"/man/*.[15]
