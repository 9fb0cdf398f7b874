scaleplan design --budget 2e23 --explain
