scaleplan show devics
scaleplan show device h100-sxm-8
scaleplan show law chinchilla:hofmann2022
scaleplan show a b c
scaleplan show technique pagedatention
scaleplan show region us-ore
