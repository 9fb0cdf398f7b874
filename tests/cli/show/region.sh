# regions with their years; a region without one says so
scaleplan show regions --format csv | grep -E '^(id|world|us-or|gcp-us-west1|zone-se1),'
scaleplan show region us-or --format json | json id intensity
