// The four charts: uPlot draws them, this says what.

/** Points kept of a curve along training; beyond them every second is dropped. */
const POINTS_MAX = 3000;

/** Colours follow the style sheet, and so light and dark. */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** A number short enough for an axis. */
function short(x) {
  const size = Math.abs(x);
  if (x === 0) return "0";
  if (size >= 1e4 && size < 1e15) return compact.format(x).replace("-", "−");
  if (size >= 1e15 || size < 1e-3) return `${x.toExponential(0).replace("e+", "e").replaceAll("-", "−")}`;
  return String(Number(x.toPrecision(size >= 100 ? 4 : 3))).replace("-", "−");
}

function axis(label, size) {
  return {
    label, size, labelSize: 18, labelFont: FONT, font: FONT, stroke: colour("soft"), labelGap: 0, gap: 4,
    grid: { stroke: colour("grid"), width: 1 }, ticks: { stroke: colour("grid"), width: 1, size: 4 },
    values: (_, values) => values.map((x) => (x === null ? "" : short(x))),
  };
}

/** Only powers of ten have a label on a logarithmic axis. */
const decades = (_, splits) => splits.map((x) => (Math.abs(Math.log10(x) - Math.round(Math.log10(x))) < 1e-9 ? x : null));

/** Labels and grid lines where the filter leaves them. */
function logAxis(label, filter) {
  const plain = axis(label, 48);
  return { ...plain, filter, grid: { ...plain.grid, filter }, ticks: { ...plain.ticks, filter } };
}

const line = (name, extra) => ({ stroke: colour(name), width: 2, points: { show: false }, ...extra });

/** Numbers along training, thinned where there are too many. */
class History {
  constructor(width) {
    this.columns = Array.from({ length: width }, () => []);
    this.stride = 1;
    this.seen = 0;
  }

  push(row) {
    if (this.seen++ % this.stride !== 0) return;
    this.columns.forEach((column, i) => column.push(row[i]));
    if (this.columns[0].length <= POINTS_MAX) return;
    this.stride *= 2;
    this.columns = this.columns.map((column) => column.filter((_, i) => i % 2 === 0));
  }
}

/** A range that holds all of `values` and 0, with room above. */
function fromZero(...columns) {
  let high = 0;
  for (const column of columns) for (const x of column) if (x > high) high = x;
  return [0, high > 0 ? high * 1.08 : 1];
}

/** A vertical dashed line at x. */
function limitLine(plot, x) {
  const { ctx, bbox } = plot;
  const at = Math.round(plot.valToPos(x, "x", true));
  if (!(at >= bbox.left && at <= bbox.left + bbox.width)) return;
  ctx.save();
  ctx.strokeStyle = colour("limit");
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 5 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(at, bbox.top);
  ctx.lineTo(at, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}

/** Phases behind the curves. */
function phaseBands(plot, steps, phases) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.globalAlpha = 0.13;
  for (let from = 0; from < steps.length; ) {
    let to = from;
    while (to + 1 < steps.length && phases[to + 1] === phases[from]) to++;
    const left = plot.valToPos(steps[from], "x", true);
    const right = plot.valToPos(steps[Math.min(to + 1, steps.length - 1)], "x", true);
    ctx.fillStyle = colour(phases[from]);
    ctx.fillRect(left, bbox.top, Math.max(right - left, 1), bbox.height);
    from = to + 1;
  }
  ctx.restore();
}

class Charts {
  constructor() {
    this.limit = NaN;
    this.clear();
    this.build();
    new ResizeObserver(() => this.resize()).observe(document.getElementById("charts"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
  }

  clear() {
    // step, λ₁, limit, phase; step, loss; step, Tr(G⁻¹H), its ends.
    this.steps = new History(5);
    this.surveys = new History(4);
    this.spectrum = [[], []];
    this.fresh = true;
  }

  build() {
    for (const plot of this.plots ?? []) plot.destroy();
    const make = (id, options, data) => {
      const element = document.getElementById(id);
      const { width, height } = element.getBoundingClientRect();
      return new uPlot({ width, height, legend: { show: false }, cursor: { show: false }, padding: [10, 12, 0, 0], ...options }, data, element);
    };
    const steps = { time: false, range: (_, low, high) => [0, Math.max(high ?? 0, 50)] };
    const along = (label) => [axis("training step", 28), axis(label, 48)];
    this.plots = [
      make("plot-sharpness", {
        scales: { x: steps, y: { range: () => fromZero(this.visibleSharpness(), this.visibleLimits()) } },
        axes: along("curvature (loss / parameter²)"),
        series: [{}, line("one", { width: 2.2 }), line("limit", { dash: [7, 5] })],
        hooks: { drawClear: [(plot) => phaseBands(plot, this.steps.columns[0], this.steps.columns[3])] },
      }, this.data("sharpness")),
      make("plot-loss", {
        scales: { x: steps, y: { distr: 3 } },
        axes: [axis("training step", 28), logAxis("loss (per row, log scale)", decadesOrAll)],
        series: [{}, line("two")],
      }, this.data("loss")),
      make("plot-spectrum", {
        scales: { x: { time: false }, y: { distr: 3, range: (_, low, high) => [1e-6, Math.max(high ?? 1, 1e-1) * 2] } },
        axes: [axis("eigenvalue (loss / parameter²)", 28), logAxis("density (share per unit)", decades)],
        series: [{}, line("three", { fill: `${colour("three")}26`, fillTo: () => 1e-6, width: 1.6 })],
        hooks: { draw: [(plot) => limitLine(plot, this.limit)] },
      }, this.data("spectrum")),
      make("plot-ratio", {
        scales: { x: steps, y: { range: (_, low, high) => [Math.min(low ?? 0, 0), high > 0 ? high * 1.08 : 1] } },
        axes: along("Tr(G⁻¹H), a pure number"),
        series: [{}, line("four", { width: 0 }), line("four", { width: 0 }), line("four", { points: { show: true, size: 5, fill: colour("four") } })],
        bands: [{ series: [2, 1], fill: `${colour("four")}30` }],
      }, this.data("ratio")),
    ];
    this.names = ["sharpness", "loss", "spectrum", "ratio"];
  }

  /** What is far beyond the limit is on its way out, and would take the picture along. */
  visibleSharpness() {
    const [, sharpness, limits] = this.steps.columns;
    return sharpness.filter((x, i) => x <= 4 * limits[i]);
  }

  /** Limits far above λ₁ would press the curve to the floor: they are drawn where they fit. */
  visibleLimits() {
    const limits = this.steps.columns[2];
    let high = 0;
    for (const x of this.visibleSharpness()) if (x > high) high = x;
    return limits.map((x) => Math.min(x, 2.5 * high));
  }

  data(name) {
    const [step, sharpness, limit, , loss] = this.steps.columns;
    const [at, value, lower, upper] = this.surveys.columns;
    if (name === "sharpness") return [step, sharpness, limit];
    if (name === "loss") return [step, loss];
    if (name === "spectrum") return this.spectrum;
    return [at, lower, upper, value];
  }

  resize() {
    this.plots.forEach((plot) => {
      const { width, height } = plot.root.parentElement.getBoundingClientRect();
      if (width > 0 && (width !== plot.width || height !== plot.height)) plot.setSize({ width, height });
    });
  }

  addStep(report) {
    this.limit = report.threshold;
    this.steps.push([report.step, report.sharpness, report.threshold, report.phase, report.loss]);
  }

  addSurvey({ step, traceRatio, grid, density }) {
    this.surveys.push([step, traceRatio.value, traceRatio.lower, traceRatio.upper]);
    // Below this the density is the tail of a blur.
    this.spectrum = [Array.from(grid), Array.from(density, (x) => (x > 1e-6 ? x : 1e-6))];
  }

  draw() {
    this.plots.forEach((plot, i) => plot.setData(this.data(this.names[i])));
  }
}

/** Powers of ten, and the numbers between where there is less than a power in view. */
function decadesOrAll(plot, splits) {
  const { min, max } = plot.scales.y;
  return max / min < 15 ? splits : decades(plot, splits);
}
