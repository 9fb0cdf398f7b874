scaleplan plan --law chinchilla:hoffmann2022 --set budgets.train_flop=5.76e23 --detail shape | sed '/^Warnings/,$d'
