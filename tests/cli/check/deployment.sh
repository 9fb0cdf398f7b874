# a deployment is held against the demand: enough replicas, latency, memory, the lifetime's money
cat >scenario.json <<'S'
{"schema": "scaleplan/scenario/1", "budgets": {"train_flop": "2e23", "lifetime_cost_usd": "$4M"},
 "training": {"assumed": {"device": "h100-sxm-80", "devices": 512, "mfu": 0.4, "usd_per_device_hour": 2.4}},
 "demand": {"lifetime": "12mo", "tokens_per_day": {"input": "4B", "output": "800M"},
            "request": {"input": {"mean": 1800, "p95": 8000}, "output": {"mean": 360, "p95": 1200}}, "peak_to_mean": 2,
            "slo": {"percentile": 0.95, "ttft_s": 1.0, "tpot_s": 0.05},
            "serving": {"clusters": [{"id": "dgx-h200", "usd_per_device_hour": 2.9, "region": "us-or", "pue": 1.15}]}}}
S
run() {
  echo "{\"schema\": \"scaleplan/proposal/1\", \"model\": \"$1\", \"tokens\": \"400B\", \"deployment\": {\"device\": \"h200-sxm\", \"tp\": $2, \"replicas\": $3, \"precision\": \"$4\"}}" >run.json
  scaleplan check run.json --scenario scenario.json --format json >out.json 2>err
  echo "$* exit $?"
  cat err
  perl -MJSON::PP -0777 -ne '$d = decode_json($_); my %s = map { $_->{rule} => $_->{state} } @{$d->{proposals}[0]{rules}};
    print join(" ", map { "$_ $s{$_}" } qw(SP501 SP502 SP503)), "\n";
    print "$_->{rule}: $_->{message}\n" for grep { $_->{rule} =~ /SP50/ } @{$d->{findings}}' out.json
}
run llama-3-8b 1 200 fp8
run llama-3-8b 1 2 fp8
run llama-3-70b 1 40 bf16
run llama-3-70b 8 1000 bf16
run llama-3.1-405b 1 40 bf16
