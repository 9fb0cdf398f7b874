// Open report pages in a real browser: run.mjs BINARY PACKAGES CHROMIUM [--screenshots DIR]
// PACKAGES holds node_modules with playwright-core and axe-core. Exits 1 with one line for each thing that is wrong.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [binary, packages, chromium, flag, wanted] = process.argv.slice(2);
const shots = flag === "--screenshots" ? resolve(wanted) : null;
const require = createRequire(pathToFileURL(join(resolve(packages), "node_modules", "x.js")));
const { chromium: browsers } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const project = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const data = join(project, "tests/data");
const scratch = mkdtempSync(join(tmpdir(), "scaleplan-page-"));

const mostBytes = 3e6;
const desk = [1280, "light"], night = [1280, "dark"], phone = [400, "light"], phoneAtNight = [400, "dark"];
const paper = { width: 680, height: 1000 }; // what A4 leaves between the margins of the style sheet, at 96 pixels an inch

const load = (name) => import(pathToFileURL(require.resolve(name)));
const { compile } = await load("vega-lite");
const vega = await load("vega");

const problems = [];
const expect = (holds, page, what) => holds || problems.push(`${page}: ${what}`);

// Small models on two nodes: quick to plan, every chart of a training run.
const machines = {
  schema: "scaleplan/scenario/1", name: "two-nodes",
  budgets: { train_time_s: "10d", cost_usd: "$20k" },
  model: { params: { min: "0.9B", max: "1.3B" } }, data: { sequence_length: 4096 },
  training: { clusters: [{ id: "dgx-h100", devices: [16], usd_per_device_hour: 2, price_date: "2025-09" }], layouts: { engine: "megatron" } },
};
writeFileSync(join(scratch, "machines.json"), JSON.stringify(machines));

// Pages by name: the command that makes one, the charts that it must have, how it is looked at, its exit status.
const pages = {
  "flop-only": { words: ["plan", "--detail", "report"], charts: ["limits", "loss-map", "isoflop"], looks: [desk, phone], printed: true },
  machines: {
    words: ["plan", join(scratch, "machines.json"), "--detail", "report"],
    charts: ["limits", "loss-map", "isoflop", "step-time", "memory"], looks: [night, phoneAtNight], printed: true,
  },
  infeasible: {
    words: ["plan", "--set", "budgets.train_flop=1e22", "--set", "targets.loss=1.9", "--detail", "report"],
    charts: [], looks: [phone], status: 1,
  },
  fit: {
    words: ["fit", join(data, "chinchilla-epoch.jsonl"), "--law", "chinchilla", "--bootstrap", "40"],
    charts: ["forecast-1"], looks: [night, phone],
  },
  serving: {
    words: ["serve", "llama-3-8b", "dgx-h100", join(project, "configs/demands/chat.json")],
    charts: ["latency"], looks: [desk, phone],
  },
  frontier: { words: ["frontier", "--points", "5"], charts: ["frontier"], looks: [night, phone] },
  hostile: { words: null, charts: ["limits"], looks: [phone] },
};

function scaleplan(words, status = 0, input = "") {
  try {
    const out = execFileSync(binary, words, { input, maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "inherit"] });
    expect(status === 0, words.join(" "), `exit status 0 instead of ${status}`);
    return out.toString();
  } catch (failure) {
    expect(failure.status === status, words.join(" "), `exit status ${failure.status} instead of ${status}`);
    return failure.stdout?.toString() ?? "";
  }
}

// The page is made from the saved result, so that render itself is what is tested.
function make(name, { words, status }) {
  const saved = words ? scaleplan([...words, "--format", "json"], status) : hostile();
  const html = scaleplan(["render", "-", "--format", "html"], 0, saved);
  if (words?.[0] === "plan") {
    const direct = scaleplan([...words, "--format", "html"], status);
    expect(direct === html, name, "the page of the command differs from the page of its saved result");
  }
  const path = join(scratch, `${name}.html`);
  writeFileSync(path, html);
  return path;
}

// Texts that would be markup or script if anything let them through.
function hostile() {
  const plan = JSON.parse(scaleplan(["plan", "--format", "json"]));
  const evil = `</script><script>document.title = "owned"</script><img src=x onerror="document.title='owned'">`;
  plan.name = evil;
  plan.warnings = [evil, "<!-- <script>"];
  plan.constraints[0].name = evil;
  return JSON.stringify(plan);
}

async function whenDrawn(page) {
  await page.waitForFunction(
    () => [...document.querySelectorAll("[data-chart]")].every((c) => c.dataset.drawn || c.textContent.includes("could not")),
    null, { timeout: 30000 });
}

const measure = () => ({
  title: document.title,
  scroll: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  charts: [...document.querySelectorAll("[data-chart]")].map((place) => {
    const box = place.querySelector("svg")?.getBoundingClientRect();
    return {
      id: place.dataset.chart,
      marks: place.querySelectorAll("svg [class*='mark-'] path, svg [class*='mark-'] line, svg .mark-text text").length,
      right: box ? box.right : NaN, left: box ? box.left : NaN, width: box ? box.width : 0,
      narrow: [...place.querySelectorAll("svg text")].filter((t) => {
        const r = t.getBoundingClientRect();
        return r.width > 0 && (r.left < -1 || r.right > document.documentElement.clientWidth + 1);
      }).map((t) => t.textContent),
    };
  }),
});

function judge(name, found, charts, width) {
  expect(found.scroll <= 0, name, `scrolls sideways by ${found.scroll} pixels`);
  const ids = found.charts.map((c) => c.id);
  expect(JSON.stringify(ids) === JSON.stringify(charts), name, `charts ${ids} instead of ${charts}`);
  for (const chart of found.charts) {
    expect(chart.marks > 0, name, `chart ${chart.id} is empty`);
    expect(chart.width > Math.min(width, 680) * 0.6, name, `chart ${chart.id} is only ${chart.width} pixels wide`);
    expect(chart.left >= 0 && chart.right <= width, name, `chart ${chart.id} leaves the page`);
    expect(chart.narrow.length === 0, name, `chart ${chart.id} cuts off ${chart.narrow}`);
  }
}

async function look(browser, name, path, charts, width, colorScheme) {
  const label = `${name} at ${width}, ${colorScheme}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && problems.push(`${label}: console: ${m.text()}`));
  page.on("pageerror", (e) => problems.push(`${label}: ${e}`));
  page.on("request", (r) => /^(file|data|blob):/.test(r.url()) || problems.push(`${label}: asks for ${r.url()}`));
  await page.goto(pathToFileURL(path).href);
  await whenDrawn(page);
  judge(label, await page.evaluate(measure), charts, width);
  expect((await page.title()) !== "owned", label, "text of an input ran as script");
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const v of violations) {
    problems.push(`${label}: axe ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join("; ")}`);
  }
  if (shots) await page.screenshot({ path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
  await context.close();
}

async function print(browser, name, path, charts) {
  const context = await browser.newContext({ viewport: paper, colorScheme: "dark" });
  const page = await context.newPage();
  await page.emulateMedia({ media: "print" });
  await page.goto(pathToFileURL(path).href);
  await whenDrawn(page);
  judge(`${name} printed`, await page.evaluate(measure), charts, paper.width);
  const ink = await page.evaluate(() => getComputedStyle(document.body).color);
  expect(ink === "rgb(27, 31, 36)", `${name} printed`, `ink is ${ink} on paper`);
  const pdf = await page.pdf({ preferCSSPageSize: true, path: shots ? join(shots, `${name}.pdf`) : undefined });
  const sheet = /MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/.exec(pdf.toString("latin1"));
  expect(sheet && Math.abs(sheet[1] - 595) < 2 && Math.abs(sheet[2] - 842) < 2, `${name} printed`, "not on A4");
  await context.close();
}

// The specification alone compiles without a warning and draws without a page.
async function specification(name, words) {
  const said = [];
  const note = (...texts) => said.push(texts.join(" "));
  const logger = { level: () => logger, error: note, warn: note, info: () => logger, debug: () => logger };
  const { spec } = compile(JSON.parse(scaleplan([...words, "--format", "vega-lite"])), { logger });
  const svg = await new vega.View(vega.parse(spec), { renderer: "none", logger }).toSVG();
  expect(said.length === 0, `${name} as vega-lite`, said.join("; "));
  expect((svg.match(/<path/g) ?? []).length > 20, `${name} as vega-lite`, "hardly anything is drawn");
}

async function withoutScript(browser, path) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pathToFileURL(path).href);
  const rows = await page.locator("tbody tr").count();
  expect(rows > 10, "without script", `${rows} table rows`);
  await context.close();
}

if (shots) mkdirSync(shots, { recursive: true });
const browser = await browsers.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
try {
  for (const [name, spec] of Object.entries(pages)) {
    const path = make(name, spec);
    expect(statSync(path).size < mostBytes, name, `${statSync(path).size} bytes`);
    expect(!/\b(src|href)\s*=\s*["']?https?:/i.test(readFileSync(path, "utf8").replace(/<script>[\s\S]*<\/script>/, "")), name, "refers to the network");
    for (const [width, scheme] of spec.looks) await look(browser, name, path, spec.charts, width, scheme);
    if (spec.printed) await print(browser, name, path, spec.charts);
  }
  for (const name of ["flop-only", "machines", "fit"]) await specification(name, pages[name].words);
  await withoutScript(browser, join(scratch, "flop-only.html"));
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}
for (const problem of problems) console.log(problem);
console.log(`${Object.keys(pages).length} pages, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
