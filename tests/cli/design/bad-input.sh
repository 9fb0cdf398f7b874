{
  scaleplan design --criterion time
  scaleplan design --budget 0
  scaleplan design --budget 1e20,1e21
  scaleplan design --runs 0
  scaleplan design --noise 2
  scaleplan design --law chinchilla:besiroglu2024 --budget 1e20
  scaleplan design --law dubey2024-tokens --budget 1e20
  echo '{"params": 1e9}' | scaleplan design --budget 1e20 --candidates -
  echo '{"params": 1e9, "tokens": 1e12, "flops": 6e21}' | scaleplan design --budget 1e20 --candidates -
}
exit 2
