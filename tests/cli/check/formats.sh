# each format of findings, on a bad configuration
cp -r "$PROJECT/configs/ci" configs
bad=configs/megatron-lm/bad.sh
scaleplan check $bad --format sarif 2>/dev/null >out.sarif
json version runs.0.tool.driver.name runs.0.results.0.ruleId runs.0.results.0.level \
  runs.0.results.0.locations.0.physicalLocation.artifactLocation \
  runs.0.results.0.locations.0.physicalLocation.region <out.sarif
scaleplan check $bad --format junit 2>/dev/null | head -3
GITHUB_STEP_SUMMARY=summary.md scaleplan check $bad --format github 2>/dev/null | tail -1
head -3 summary.md
scaleplan check $bad --format csv 2>/dev/null | cut -d, -f1-5 | head -4
scaleplan check $bad --format markdown 2>/dev/null | head -1
scaleplan plan --format sarif
echo "$?"
GITHUB_STEP_SUMMARY=/nowhere/summary.md scaleplan check $bad --format github 2>/dev/null
echo "$?"
