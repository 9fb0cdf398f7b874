scaleplan design --set targets.loss=1.9 --set budgets.train_flop=1e18 --budget 1e17
