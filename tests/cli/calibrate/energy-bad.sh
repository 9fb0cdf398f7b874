# figures that cannot be, all at once
cat >cases.json <<'J'
{"schema": "scaleplan/cases/1", "kind": "energy", "cases": [
  {"id": "a", "publisher": "p", "device": "h100-sxm-80", "quantities": ["energy"], "pue": 0.9,
   "device_tdp_w": -700, "intensity_kgco2e_per_kwh": -0.1}]}
J
scaleplan calibrate cases.json --evaluate-only
