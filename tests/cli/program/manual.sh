# the manual lists exactly the options of the tables, and mandoc finds nothing to say
options_of_help() { sed -n 's/^  \(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u; }
options_of_page() { sed -n 's/^\.It .*Fl -\([a-z][a-z-]*\).*/--\1/p' "$1" | sort -u; }
common=$PROJECT/man/scaleplan.1
for page in "$PROJECT"/man/scaleplan-*.1; do
  command=${page##*/scaleplan-}
  command=${command%.1}
  { options_of_page "$common"; options_of_page "$page"; } | sort -u >in-page
  scaleplan "$command" --help | options_of_help >in-help
  diff in-page in-help || echo "$command: manual and options differ"
done
mandoc -T lint -W warning "$PROJECT"/man/*.1
