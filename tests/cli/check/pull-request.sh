# the demonstration of configs/ci: good configurations pass, bad ones fail, whoever wrote the launcher
cp -r "$PROJECT/configs/ci" configs
for file in configs/megatron-lm/good.sh configs/torchtitan/good.toml; do
  scaleplan check "$file" --today 2026-01-15 --format json 2>err >out.json
  echo "$file: exit $?, $(json status <out.json), $(cat err)"
done
for file in configs/megatron-lm/bad.sh configs/torchtitan/bad.toml; do
  scaleplan check "$file" --today 2026-01-15 --format github 2>/dev/null >annotations
  echo "$file: exit $?"
  # what an annotation says of a line stands on that line
  sed -n 's/^::\([a-z]*\) title=scaleplan \(SP[0-9]*\),file=\([^,]*\),line=\([0-9]*\).*/\1 \2 \3 \4/p' annotations |
    while read -r severity rule path line; do
      [ "$severity" = notice ] || echo "$severity $rule $(sed -n "${line}p" "$path")"
    done
done
