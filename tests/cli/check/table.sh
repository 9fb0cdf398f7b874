# the table that people read
cp -r "$PROJECT/configs/ci" configs
scaleplan check configs/megatron-lm/bad.sh --policy configs/scaleplan-policy.json --today 2026-01-15
