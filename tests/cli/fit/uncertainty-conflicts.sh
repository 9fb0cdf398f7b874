# options that contradict each other are refused, with what to do
runs=$DATA/chinchilla-epoch.jsonl
scaleplan fit "$runs" --law chinchilla --uncertainty profile --bootstrap 100
scaleplan fit "$runs" --law chinchilla --resample pairs --cluster-by params
scaleplan fit "$runs" --law chinchilla --cluster-by params~2
scaleplan fit "$runs" --law chinchilla --cluster-by run~0.1
scaleplan fit "$runs" --law chinchilla --resample cluster
scaleplan fit "$runs" --law chinchilla --cluster-weight equal
scaleplan fit "$runs" --law chinchilla --uncertainty magic
