# the page holds everything: no address is fetched, texts of the input cannot become markup; a build without npm says so
scaleplan plan --set 'name=<script>alert(1)</script>' --detail report --format html -o page.html 2>message
if [ $? -eq 2 ]; then
  grep -q "html reports were left out of this build" message && [ ! -e page.html ] && echo page
  exit 0
fi
[ -s message ] && echo "something on standard error"
grep -q '<script>alert' page.html && echo "the name became a script"
grep -qE '(src|href)="?https?:' page.html && echo "asks for an address"
[ "$(wc -c <page.html)" -lt 3000000 ] || echo "3 MB or more"
grep -q '<h1>Plan &lt;script&gt;alert(1)&lt;/script&gt;: train ' page.html && echo page
