"use strict";
// Draws every chart of the page in place of its still picture, as wide as its box; nothing leaves the page.
(() => {
  const PAPER = 680; // pixels across A4 between the margins
  const charts = [];
  let printing = false;

  const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

  // What a tip says: escaped, and numbers without decimals that say nothing.
  function tip(value) {
    const text = String(value);
    if (/^[−-]?\d+\.\d{4,}$/.test(text)) {
      const number = Number(text.replace("−", "-"));
      const rounded = Math.abs(number) >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 };
      return number.toLocaleString("en-GB", rounded).replace("-", "−");
    }
    return text.replace(/[&<>"]/g, (letter) => ENTITIES[letter]);
  }

  // Of a chart a screen reader says its title, what is to be seen and the table of numbers, not every mark.
  function hush(marks) {
    for (const mark of marks || []) {
      mark.aria = false;
      hush(mark.marks);
    }
  }

  function widen(chart, width) {
    if (!chart.fits || width <= 0 || width === chart.width) return;
    chart.width = width;
    chart.view.width(width).signal("box_width", width).run();
  }

  const toScreen = () => { printing = false; charts.forEach((chart) => widen(chart, chart.box.clientWidth)); };
  const toPaper = () => { printing = true; charts.forEach((chart) => widen(chart, PAPER)); };

  async function draw(figure) {
    const box = figure.querySelector(".drawing");
    const controls = figure.querySelector(".controls");
    const specification = JSON.parse(figure.querySelector("script").textContent);
    const fits = figure.dataset.fits === "yes";
    const width = printing ? PAPER : box.clientWidth;
    const still = document.createElement("div");
    specification.description = figure.querySelector("h3").textContent;
    specification.params.find((parameter) => parameter.name === "box_width").value = width;
    if (fits) specification.width = width;
    // Small views of one width stand in as many columns as there is room for.
    else if (specification.columns && specification.spec) {
      const most = Math.floor(width / ((specification.spec.width || 200) + 60));
      specification.columns = Math.max(1, Math.min(specification.columns, most));
    }
    const { view } = await vegaEmbed(still, specification, {
      mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false, ast: true,
      bind: controls || undefined,
      tooltip: { sanitize: tip },
      // The width is fitted here, since Vega-Lite warns of a width that fits wherever the height follows from the number of bars.
      patch: (compiled) => {
        hush(compiled.marks);
        if (fits) compiled.autosize = { type: "fit-x", contains: "padding" };
        return compiled;
      },
    });
    for (const group of figure.querySelectorAll(".controls > .vega-bind")) {
      if (!group.querySelector(".vega-bind-radio")) continue;
      group.setAttribute("role", "radiogroup");
      group.setAttribute("aria-label", group.querySelector(".vega-bind-name").textContent);
    }
    box.replaceChildren(still);
    const chart = { view, box, fits, width };
    charts.push(chart);
    figure.dataset.state = "drawn";
    new ResizeObserver(() => requestAnimationFrame(() => printing || widen(chart, box.clientWidth))).observe(box);
  }

  async function drawAll() {
    for (const figure of document.querySelectorAll("figure.chart")) {
      // One after the other: what is seen first is drawn first, and an error in one leaves the others.
      try { await draw(figure); } catch (error) { console.error(`Chart ${figure.dataset.chart}: ${error.message}`); }
    }
  }

  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
  matchMedia("print").addEventListener("change", (media) => (media.matches ? toPaper() : toScreen()));
  drawAll();
})();
