# help names every command, and `help COMMAND` and `COMMAND --help` agree
scaleplan --help >all
for command in calibrate fit plan predict show; do
  grep -q "^  $command " all || echo "no $command in the help"
  scaleplan help "$command" >one
  scaleplan "$command" --help | cmp - one
done
