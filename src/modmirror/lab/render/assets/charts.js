// Draws every chart of the page from the report that is embedded in it. The tables below the charts hold the
// same numbers: without this script nothing is lost but the pictures.
"use strict";

const report = JSON.parse(document.getElementById("data").textContent);

const COLOURS = ["#2f7ed8", "#e07b00", "#1a9e77", "#c2418f", "#8a63d2", "#b08900", "#4aa3b5", "#d6453d"];
const PHASES = [
  ["dns", "#8a63d2"], ["connect", "#2f7ed8"], ["tls", "#4aa3b5"],
  ["send", "#b08900"], ["wait", "#e07b00"], ["receive", "#1a9e77"],
];
const QUANTILES = [["p50", "P50", "#1a9e77"], ["p95", "P95", "#2f7ed8"], ["p99", "P99", "#e07b00"], ["p999", "P99.9", "#d6453d"]];
const FAULT_COLOURS = { good: "#1a9e77", stale: "#e07b00", failed: "#d6453d" };
const scenarios = JSON.parse(document.getElementById("scenarios").textContent);
const WORDS = {
  score: "得分", excluded: "排除", reset: "恢复权重", case: "用例", "time, ms": "时间（毫秒）",
  "share of requests": "请求比例", "time against": "时间比，对比", "requests/s": "请求/秒",
  "seconds after the tag": "发布后秒数", "share visible": "可见比例", "seconds from the beginning": "开始后秒数",
  scenario: "场景", repeat: "重复", all: "全部", fault: "故障", healed: "恢复", cut: "切断", heal: "恢复", flap: "时断时续",
  toxic: "链路劣化", behave: "上游异常", certificate: "更换证书", names: "域名失效", failed: "失败", stale: "陈旧", good: "正常", "MB/s": "MB/s",
  availability: "可用性", coverage: "覆盖率", freshness: "新鲜度", latency: "延迟", metadata: "元数据延迟",
  speed: "速度", tail: "尾延迟", protocol: "协议", dns: "DNS", connect: "连接", tls: "TLS", send: "发送",
  wait: "等待", receive: "接收", info: "按版本查询", list: "版本列表", latest: "最新版本",
};
const ENGLISH = { dns: "DNS", tls: "TLS", info: "by name", list: "in the list", latest: "as latest", metadata: "metadata latency" };

const names = report.ranking ? report.ranking.targets.map((each) => each.target) : report.run.targets.map((each) => each.name);
const colourOf = (name) => COLOURS[Math.max(0, names.indexOf(name)) % COLOURS.length];
const say = (word) => (document.documentElement.lang === "zh" && Object.hasOwn(WORDS, word) ? WORDS[word] : ENGLISH[word] ?? word);
const best = () => (report.ranking && (report.ranking.winner || report.ranking.targets[0]?.target)) || names[0];
const percent = (value) => `${(value * 100).toFixed(value > 0.995 && value < 1 ? 1 : 0)} %`;

function plot(width, options) {
  const longest = Math.max(4, ...(options.labels ?? names).map((name) => String(name).length));
  const { labels, x = {}, ...rest } = options;
  const below = x.label ? 44 : 28;
  return Plot.plot({
    width, marginLeft: Math.min(width * 0.34, longest * 7 + 16), marginRight: 24, marginBottom: below,
    style: { background: "none", fontSize: "12px", overflow: "visible" }, x: { labelOffset: 40, ...x }, ...rest,
  });
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function legend(pairs) {
  const list = element("ul", "", { class: "legend" });
  for (const [name, colour] of pairs) {
    const item = element("li", "");
    const mark = element("i", "");
    mark.style.background = colour;
    item.append(mark, name);
    list.append(item);
  }
  return list;
}

const targetLegend = (shown) => legend(shown.map((name) => [name, colourOf(name)]));

// A choice that is kept while the page is drawn again.
const chosen = new Map();
function choice(controls, key, label, options, redraw) {
  if (!options.includes(chosen.get(key))) chosen.set(key, options[0]);
  const state = JSON.stringify([document.documentElement.lang, options]);
  const old = controls.querySelector(`[data-key="${key}"]`);
  // What has not changed stays, and with it the keyboard's focus.
  if (old?.dataset.state === state) return chosen.get(key);
  const select = document.createElement("select");
  for (const option of options) select.append(element("option", say(option), { value: option }));
  select.value = chosen.get(key);
  select.addEventListener("change", () => { chosen.set(key, select.value); redraw(key.split("/")[0]); });
  const wrapper = element("label", `${say(label)} `, { "data-key": key, "data-state": state });
  wrapper.append(select);
  if (old) old.replaceWith(wrapper); else controls.append(wrapper);
  return select.value;
}

// --- ranking ---------------------------------------------------------------------------------------

const weights = report.ranking ? { ...report.ranking.weights } : {};

function scored() {
  const total = Object.values(weights).reduce((sum, each) => sum + each, 0) || 1;
  return report.ranking.targets.map((each) => {
    const sum = Object.entries(weights).reduce(
      (log, [key, weight]) => log + (weight / total) * Math.log(Math.max(1e-9, each.parts[key] ?? 1)), 0);
    return { target: each.target, parts: each.parts, out: each.score === null, score: each.score === null ? 0 : Math.exp(sum) };
  }).sort((a, b) => a.out - b.out || b.score - a.score);
}

function sliders(controls, redraw) {
  if (controls.dataset.lang === document.documentElement.lang) return;
  controls.dataset.lang = document.documentElement.lang;
  controls.replaceChildren();
  for (const key of Object.keys(weights)) {
    const input = element("input", "", { type: "range", min: 0, max: 0.5, step: 0.01, value: weights[key] });
    const output = element("output", weights[key].toFixed(2));
    input.addEventListener("input", () => {
      weights[key] = Number(input.value);
      output.textContent = weights[key].toFixed(2);
      redraw("ranking");
    });
    const label = element("label", say(key));
    label.append(input, output);
    controls.append(label);
  }
  const reset = element("button", say("reset"), { type: "button" });
  reset.addEventListener("click", () => {
    Object.assign(weights, report.ranking.weights);
    delete controls.dataset.lang;
    redraw("ranking");
  });
  controls.append(reset);
}

function ranking(width, controls, redraw) {
  sliders(controls, redraw);
  const rows = scored();
  const order = rows.map((row) => row.target);
  const bars = plot(width, {
    height: 30 * rows.length + 64, marginRight: 60, x: { domain: [0, 1], label: say("score"), grid: true }, y: { domain: order, label: null },
    marks: [
      Plot.barX(rows, { x: "score", y: "target", fill: (row) => colourOf(row.target), insetTop: 4, insetBottom: 4 }),
      Plot.text(rows, { x: "score", y: "target", text: (row) => (row.out ? say("excluded") : row.score.toFixed(3)), dx: 6, textAnchor: "start" }),
      Plot.ruleX([0]),
    ],
  });
  const cells = rows.flatMap((row) => Object.entries(row.parts).map(([key, value]) => ({ target: row.target, part: say(key), value })));
  // As the weights stand above; what has no weight comes after them.
  const across = [...new Set([...Object.keys(weights), ...rows.flatMap((row) => Object.keys(row.parts))])].map(say);
  return [bars, heat(width, cells, "part", "target", order, (cell) => cell.value.toFixed(2), across)];
}

function heat(width, cells, x, y, order, text, across = [...new Set(cells.map((cell) => cell[x]))]) {
  const narrow = width < 560;
  return plot(width, {
    height: 32 * order.length + (narrow ? 110 : 44), labels: order, marginBottom: narrow ? 96 : 30, marginRight: 8,
    x: { label: null, domain: across, tickRotate: narrow ? -60 : 0 }, y: { label: null, domain: order },
    color: { type: "linear", domain: [0, 0.8, 1], range: ["#f6d5cf", "#bfe0cf", "#0f6b4c"], clamp: true },
    marks: [
      Plot.cell(cells, { x, y, fill: "value", inset: 1, rx: 3, title: (cell) => `${cell[y]}, ${cell[x]}: ${text(cell)}` }),
      Plot.text(cells, { x, y, text, fill: (cell) => (cell.value > 0.92 ? "#ffffff" : "#1c2024"), fontSize: narrow ? 9 : 12 }),
    ],
  });
}

// --- latency and speed -----------------------------------------------------------------------------

function against(comparison, base) {
  const { value, low, high } = comparison.ratio;
  if (value === null || low === null || high === null) return null;
  const turned = comparison.first === base;
  return {
    case: comparison.case, target: turned ? comparison.second : comparison.first, tie: comparison.tie,
    ratio: turned ? 1 / value : value, low: turned ? 1 / high : low, high: turned ? 1 / low : high,
  };
}

function forest(width) {
  const base = best();
  const rows = report.bench.comparisons.filter((each) => each.first === base || each.second === base)
    .map((each) => against(each, base)).filter((row) => row !== null);
  const cases = report.bench.cases.filter((name) => rows.some((row) => row.case === name));
  return cases.flatMap((name, place) => {
    const here = rows.filter((row) => row.case === name);
    return [element("h4", name), plot(width, {
      height: 26 * here.length + (place === cases.length - 1 ? 66 : 50),
      x: { type: "log", domain: extent(rows), label: place === cases.length - 1 ? `${say("time against")} ${base}` : null, grid: true, ticks: width < 560 ? 4 : 8, tickFormat: "~r" },
      y: { label: null, domain: names.filter((each) => here.some((row) => row.target === each)) },
      marks: [
        Plot.rectX([0], { x1: 0.95, x2: 1.05, fill: "currentColor", fillOpacity: 0.08 }),
        Plot.ruleX([1], { strokeDasharray: "3,3" }),
        Plot.ruleY(here, { y: "target", x1: "low", x2: "high", strokeWidth: 2.5, stroke: (row) => colourOf(row.target) }),
        Plot.dot(here, { x: "ratio", y: "target", r: 5, fill: (row) => (row.tie ? "var(--card)" : colourOf(row.target)), stroke: (row) => colourOf(row.target), strokeWidth: 2, tip: { format: { fill: false, stroke: false } } }),
      ],
    })];
  });
}

function extent(rows) {
  return [Math.min(0.9, ...rows.map((row) => row.low)) * 0.97, Math.max(1.1, ...rows.map((row) => row.high)) * 1.03];
}

function ecdf(width, controls, redraw) {
  const name = choice(controls, "ecdf", "case", report.bench.cases, redraw);
  const shown = names.filter((target) => report.bench.targets[target]?.[name]?.ecdf.length);
  const lines = shown.flatMap((target) => report.bench.targets[target][name].ecdf.map(([time, share]) => ({ target, ms: time * 1000, share })));
  const marks = shown.flatMap((target) => [["median", 0.5, "P50"], ["p95", 0.95, "P95"], ["p99", 0.99, "P99"]]
    .map(([key, share, label]) => ({ target, share, label, ms: (report.bench.targets[target][name][key].value ?? NaN) * 1000 })))
    .filter((mark) => Number.isFinite(mark.ms));
  const symbols = element("li", "● P50  ✚ P95  ◆ P99", { class: "symbols" });
  const keys = targetLegend(shown);
  keys.append(symbols);
  return [keys, plot(width, {
    height: 320, marginLeft: 48, x: { type: "log", label: say("time, ms"), grid: true, tickFormat: "~r" },
    y: { label: `${say("share of requests")}, %`, percent: true, grid: true, domain: [0, 100] }, symbol: { domain: ["P50", "P95", "P99"], range: ["circle", "cross", "diamond"] },
    marks: [
      Plot.line(lines, { x: "ms", y: "share", z: "target", stroke: (row) => colourOf(row.target), curve: "step-after", strokeWidth: 1.8 }),
      Plot.dot(marks, { x: "ms", y: "share", fill: (row) => colourOf(row.target), symbol: "label", r: 4.5, title: (row) => `${row.target} ${row.label}: ${row.ms.toFixed(1)} ms`, tip: true }),
    ],
  })];
}

function hours(width) {
  const found = report.hours;
  const shown = names.filter((name) => found.targets[name]);
  const cells = shown.flatMap((target) => {
    const known = Object.entries(found.targets[target]).filter(([, each]) => each.median !== null);
    const least = Math.min(...known.map(([, each]) => each.median));
    return known.map(([hour, each]) => ({ target, hour, ms: each.median * 1000, value: least / each.median }));
  });
  return [heat(width, cells, "hour", "target", shown, (cell) => cell.ms.toFixed(cell.ms < 10 ? 1 : 0), found.hours)];
}

function phases(width) {
  const rows = report.bench.cases.flatMap((name) => names.flatMap((target) =>
    Object.entries(report.bench.targets[target]?.[name]?.phases ?? {}).map(([phase, time]) => ({ name, target, phase, ms: time * 1000 }))));
  const cases = [...new Set(rows.map((row) => row.name))];
  const order = PHASES.map(([phase]) => phase);
  return [legend(PHASES.map(([phase, colour]) => [say(phase), colour])), ...cases.flatMap((name) => [
    element("h4", name), plot(width, {
      height: 24 * names.length + (name === cases.at(-1) ? 64 : 48), x: { label: name === cases.at(-1) ? say("time, ms") : null, grid: true }, y: { label: null, domain: names },
      color: { domain: order, range: PHASES.map(([, colour]) => colour) },
      marks: [
        Plot.barX(rows.filter((row) => row.name === name), { x: "ms", y: "target", fill: "phase", order, insetTop: 3, insetBottom: 3, title: (row) => `${row.target}, ${say(row.phase)}: ${row.ms.toFixed(2)} ms` }),
        Plot.ruleX([0]),
      ],
    }),
  ])];
}

function speed(width) {
  const downloads = Object.entries(report.downloads).flatMap(([target, got]) => got.map((value) => ({ target, mb: value / 1e6 })));
  const middles = Object.entries(report.bench.speeds).filter(([, each]) => each.receive.value !== null)
    .map(([target, each]) => ({ target, mb: each.receive.value / 1e6, low: (each.receive.low ?? each.receive.value) / 1e6, high: (each.receive.high ?? each.receive.value) / 1e6 }));
  const shown = names.filter((name) => [...downloads, ...middles].some((row) => row.target === name));
  return [plot(width, {
    height: 34 * shown.length + 64, x: { label: say("MB/s"), grid: true, zero: true }, y: { label: null, domain: shown },
    marks: [
      Plot.tickX(downloads, { x: "mb", y: "target", stroke: (row) => colourOf(row.target), strokeOpacity: 0.55, insetTop: 5, insetBottom: 5 }),
      Plot.ruleY(middles, { y: "target", x1: "low", x2: "high", strokeWidth: 3 }),
      Plot.tickX(middles, { x: "mb", y: "target", strokeWidth: 3, title: (row) => `${row.target}: ${row.mb.toFixed(1)} MB/s` }),
    ],
  })];
}

// --- load, content, faults -------------------------------------------------------------------------

function load(width) {
  const curves = legend(QUANTILES.map(([, label, colour]) => [label, colour]));
  return [curves, ...report.load.flatMap((found) => {
    const rows = QUANTILES.flatMap(([key, label, colour]) => found.steps.map((step) => ({ label, colour, rate: step.achieved, ms: (step.response[key] ?? NaN) * 1000 })))
      // A sweep goes on below its knee: the line goes from rate to rate, not from step to step.
      .filter((row) => Number.isFinite(row.ms) && row.ms > 0).sort((one, other) => one.rate - other.rate);
    const knee = found.knee === null ? [] : [found.knee];
    return [element("h4", found.target), plot(width, {
      height: 300, marginLeft: 56, x: { label: say("requests/s"), grid: true }, y: { type: "log", label: say("time, ms"), grid: true, tickFormat: "~r" },
      marks: [
        Plot.ruleX(knee, { strokeDasharray: "5,4", strokeWidth: 1.5 }),
        Plot.line(rows, { x: "rate", y: "ms", z: "label", stroke: "colour" }),
        Plot.dot(rows, { x: "rate", y: "ms", fill: "colour", r: 3, title: (row) => `${row.label}: ${row.ms.toFixed(1)} ms, ${row.rate.toFixed(0)}/s`, tip: true }),
      ],
    })];
  })];
}

function coverage(width) {
  const shown = names.filter((name) => report.coverage.targets[name]);
  const cells = report.coverage.strata.flatMap((stratum) => shown.map((target) => ({ stratum, target, part: report.coverage.targets[target].strata[stratum] })))
    .filter((cell) => cell.part && cell.part.n).map((cell) => ({ ...cell, value: cell.part.ok / cell.part.n }));
  return [heat(width, cells, "target", "stratum", report.coverage.strata, (cell) => percent(cell.value))];
}

// A curve holds its rises only: it stands at nothing before the first, and stays where it got to. Where all
// versions came at one look, that is all there is to draw.
function wholeCurve(curve, from, until) {
  const before = curve.filter((point) => point.seconds <= 0).at(-1) ?? { share: 0, low: 0, high: 0 };
  return [{ ...before, seconds: from }, ...curve.filter((point) => point.seconds > 0), { ...(curve.at(-1) ?? before), seconds: until }];
}

function freshness(width) {
  const shown = names.filter((name) => report.freshness.targets[name]);
  const rises = shown.flatMap((target) => Object.values(report.freshness.targets[target]).flatMap((lag) => lag.curve.map((point) => point.seconds)))
    .filter((seconds) => seconds > 0);
  const from = rises.length ? Math.min(...rises) / 1.5 : 1, until = rises.length ? Math.max(...rises) * 1.5 : 10;
  const rows = shown.flatMap((target) => Object.entries(report.freshness.targets[target]).flatMap(([place, lag]) =>
    wholeCurve(lag.curve, from, until).map((point) => ({ target, place: say(place), ...point }))));
  const places = ["info", "list", "latest"].map(say).filter((place) => rows.some((row) => row.place === place));
  const facet = width > 640 ? { fx: "place" } : { fy: "place" };
  const channels = { x: "seconds", z: "target", ...facet };
  return [targetLegend(shown), plot(width, {
    height: width > 640 ? 300 : 560, marginLeft: 48, marginRight: width > 640 ? 24 : 72, fx: { label: null, domain: places }, fy: { label: null, domain: places },
    x: { type: "log", label: say("seconds after the tag"), grid: true, ticks: 4, tickFormat: "~s" }, y: { percent: true, domain: [0, 100], label: `${say("share visible")}, %`, grid: true },
    marks: [
      Plot.areaY(rows, { ...channels, y1: "low", y2: "high", fill: (row) => colourOf(row.target), fillOpacity: 0.12, curve: "step-after" }),
      Plot.line(rows, { ...channels, y: "share", stroke: (row) => colourOf(row.target), curve: "step-after", strokeWidth: 1.8 }),
    ],
  })];
}

function faults(width, controls, redraw) {
  const all = report.faults.flatMap((found) => Object.entries(found.scenarios).filter(([, runs]) => runs.length)
    .map(([name, runs]) => ({ title: `${found.target}: ${name}`, name, runs })));
  const wished = choice(controls, "faults", "scenario", ["all", ...all.map((each) => each.title)], redraw);
  const most = Math.max(0, ...all.map((each) => each.runs.length));
  const repeat = choice(controls, "faults/repeat", "repeat", ["all", ...Array.from({ length: most }, (_, place) => String(place + 1))], redraw);
  const keys = legend(Object.entries(FAULT_COLOURS).map(([key, colour]) => [say(key), colour]));
  const shown = all.filter((each) => wished === "all" || each.title === wished)
    .map((each) => ({ ...each, runs: repeat === "all" ? each.runs : each.runs.slice(repeat - 1, repeat) })).filter((each) => each.runs.length);
  return [keys, ...shown.flatMap((each, place) => [
    element("h4", each.title), element("p", scenarioTitle(each), { class: "about" }), timeline(width, each.runs, place === shown.length - 1),
  ])];
}

function scenarioTitle({ name, runs }) {
  const begun = runs[0].events.find((event) => event.name === "fault");
  return (document.documentElement.lang === "zh" && scenarios[name]) || begun?.text || "";
}

// Repeats lie over each other: what happens in each of them is dark.
function timeline(width, runs, last) {
  const points = runs.flatMap((run) => run.points.map((point) => ({ ...point, ms: Math.max(0.01, point.seconds * 1000), kind: !point.ok ? "failed" : point.stale ? "stale" : "good" })));
  const events = runs.flatMap((run) => run.events);
  const opacity = Math.max(0.55, 1 / runs.length);
  return plot(width, {
    height: last ? 166 : 150, marginLeft: 52, marginTop: 12,
    x: { label: last ? say("seconds from the beginning") : null, domain: [0, Math.max(0, ...points.map((point) => point.at))] },
    y: { type: "log", label: null, grid: true, ticks: 4, tickFormat: (ms) => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`) },
    marks: [
      Plot.rectX(events.filter((event) => event.until !== null), { x1: "at", x2: "until", fill: FAULT_COLOURS.failed, fillOpacity: 0.13 / runs.length }),
      Plot.ruleX(events, { x: "at", stroke: FAULT_COLOURS.failed, strokeDasharray: "3,3", strokeOpacity: opacity, title: (event) => say(event.name) }),
      Plot.dot(points.filter((point) => point.ok), { x: "at", y: "ms", r: 2.6, opacity, stroke: (point) => FAULT_COLOURS[point.kind], fill: (point) => (point.stale ? "none" : FAULT_COLOURS[point.kind]) }),
      Plot.dot(points.filter((point) => !point.ok), { x: "at", y: "ms", r: 4, opacity, symbol: "times", stroke: FAULT_COLOURS.failed, strokeWidth: 2 }),
    ],
  });
}

const CHARTS = { ranking, forest, ecdf, hours, phases, speed, load, coverage, freshness, faults };

function draw(only) {
  for (const figure of document.querySelectorAll("figure.chart")) {
    const key = figure.dataset.chart;
    if (only && key !== only) continue;
    const area = figure.querySelector(".plot");
    const width = Math.max(280, Math.min(area.clientWidth, 1040));
    area.replaceChildren(...CHARTS[key](width, figure.querySelector(".controls"), draw));
  }
}
