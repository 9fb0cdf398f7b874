# a technique of one's own is read as strictly
mkdir -p own/techniques
sed 's/"train_flop", "op"/"train_flops", "op"/' "$PROJECT/share/scaleplan/techniques/muon.json" >own/techniques/muon.json
scaleplan show techniques --catalogue own
