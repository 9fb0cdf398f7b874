# a folder that cannot be written to: told before any work, and nothing is left there
plainly() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --bounding-set -dac_override,-dac_read_search --inh-caps -dac_override,-dac_read_search -- "$@"
  else
    "$@"
  fi
}
mkdir fixed
echo precious >fixed/plan.json
chmod 444 fixed/plan.json
chmod 555 fixed
for target in fixed/new.json fixed/plan.json; do
  plainly scaleplan plan missing.json -o "$target"
  echo "status $?"
done
ls fixed
cat fixed/plan.json
