# any other result becomes tables with units
scaleplan inspect llama-7b --format json | scaleplan render - | head -20
