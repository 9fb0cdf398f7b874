# larger than the cluster: a valid no, and how many devices would do
scaleplan layout gpt3-175b dgx-a100 --devices 8 --global-batch 1536 --format json >layout.json
status=$?
json status layouts devices_needed <layout.json
scaleplan layout gpt3-175b dgx-a100 --devices "$(json devices_needed <layout.json)" --global-batch 1536 --format json |
  json status
scaleplan layout gpt3-175b dgx-a100 --devices 8 --global-batch 1536 | grep -c -e '^Nothing fits' -e 'such devices would do'
exit $status
