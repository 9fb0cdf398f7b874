# parts of the schema that this version does not plan with are refused by name, never ignored
scaleplan plan --set demand.lifetime=18mo
scaleplan plan --set budgets.energy_j=4.5GWh
scaleplan plan --set training.sites.count=4
echo '{"schema": "scaleplan/scenario/1", "budgets": {"train_flop": "1e24"}, "techniques": ["muon"]}' | scaleplan plan -
