# Ctrl-C while a reader that does not read holds the pipe full
mkfifo pipe
sleep 3 <pipe &
timeout --preserve-status -k 5 -s INT 1 "${SCALEPLAN_BINARY:-scaleplan}" show regions --format json >pipe
echo "status $?"
