scaleplan frontier --points 4 --from 1e21 --to 1e24
