# parts of the schema that say nothing without others are refused by name, never ignored
scaleplan plan --set demand.lifetime=18mo
scaleplan plan --set budgets.energy_j=4.5GWh
scaleplan plan --set training.sites.count=4
echo '{"schema": "scaleplan/scenario/1", "budgets": {"train_flop": "1e24"}, "techniques": ["zero.stage1"]}' | scaleplan plan -
