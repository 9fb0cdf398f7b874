/*! This page draws with vega, vega-lite and vega-embed, copyright (c) 2015-2026 University of Washington Interactive Data
    Lab and others, BSD 3-Clause License, https://github.com/vega; and with d3, copyright Mike Bostock, ISC License. */
import embed from "vega-embed";

// A colour of a specification is that of a light page; the style sheet may name another for it.
const themed = (key, value) =>
  typeof value === "string" && /^#[0-9a-f]{6}$/.test(value) ? `var(--chart-${value.slice(1)}, ${value})` : value;

const { config, charts } = JSON.parse(document.getElementById("charts").textContent, themed);

async function draw(place) {
  const spec = { width: "container", autosize: { type: "fit-x", contains: "padding" }, ...charts[place.dataset.chart] };
  await embed(place, spec, { config, actions: false, renderer: "svg", mode: "vega-lite" });
  place.dataset.drawn = "yes";
}

for (const place of document.querySelectorAll("[data-chart]")) {
  draw(place).catch((reason) => {
    place.textContent = "This chart could not be drawn; its numbers stand in the tables.";
    console.error(place.dataset.chart, reason);
  });
}

// paper shows what is folded on the screen
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
