# seven devices: heads, layers and batch are no multiples of seven, so even stages, replicas and slices fail
scaleplan layout llama-3-8b h100-sxm-80 --devices 7 --global-batch 64 --engine megatron-2021 --format json >layout.json
status=$?
json status legal devices_needed <layout.json
perl -MJSON::PP -0777 -e 'print "$_->{reason}: $_->{count}\n" for @{ decode_json(<>)->{refused} }' layout.json
# Megatron-Core cuts 32 layers into seven uneven stages
scaleplan layout llama-3-8b h100-sxm-80 --devices 7 --global-batch 64 --format json | json status layouts.0.layout.pp
exit $status
