{
  scaleplan frontier --x train_flops
  scaleplan frontier --x loss
  scaleplan frontier --x mfu
  scaleplan frontier --y epochs
  scaleplan frontier --x cost_usd
  scaleplan frontier --y train_time_s
  scaleplan frontier --from 1e22 --to 1e21
  scaleplan frontier --points 1
  scaleplan frontier --from 20d
  scaleplan frontier missing.json
}
exit 2
