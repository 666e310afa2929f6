// Makes the page of its parts: node assemble.mjs FOLDER, which holds teeter.wasm and teeter-simd.wasm and gets the rest.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: node assemble.mjs FOLDER");

const text = (name) => readFileSync(join(here, name), "utf8");
const { DEFAULTS } = await import("./teeter.js");

/** The rows the page needs: the first of the digits to train on, the last to test on, as in the laboratory. */
function rows() {
  const table = gunzipSync(readFileSync(join(here, "../data/digits.csv.gz"))).toString().trim().split("\n").map((row) => row.split(",").map(Number));
  const { train, test, columns } = DEFAULTS;
  const chosen = [...table.slice(0, train), ...table.slice(-test)];
  if (chosen.some((row) => row.length !== columns + 1)) throw new Error(`a row of the digits has not ${columns + 1} numbers`);
  return Buffer.from([...chosen.flatMap((row) => row.slice(0, columns)), ...chosen.map((row) => row[columns])]);
}

const digits = rows();
const base64 = (bytes) => bytes.toString("base64");
const modules = ["teeter.wasm", "teeter-simd.wasm"].map((name) => readFileSync(join(folder, name)));
const payload = JSON.stringify({
  rowCount: DEFAULTS.train + DEFAULTS.test, rows: base64(digits), portable: base64(modules[0]), simd: base64(modules[1]),
});

// A classic script has no modules: on file:// browsers do not load them.
const teeter = text("teeter.js").replaceAll(/^export /gm, "");
const parts = {
  "uplot.css": text("vendor/uplot/uPlot.min.css"),
  "uplot.js": text("vendor/uplot/uPlot.iife.min.js"),
  "style.css": text("page/style.css"),
  engine: `${teeter}\n${text("page/engine.js")}`,
  "app.js": `${text("page/charts.js")}\n${text("page/app.js")}`,
  payload,
};
const page = text("page/index.html").replaceAll(/\/\*\{\{(.+?)\}\}\*\//g, (_, name) => {
  const part = parts[name];
  if (part === undefined) throw new Error(`index.html asks for ${name}, which is no part`);
  if (/<\/script/i.test(part)) throw new Error(`${name} would end its own script element`);
  return part;
});

writeFileSync(join(folder, "rows.bin"), digits);
writeFileSync(join(folder, "teeter.html"), page);
const size = (name, bytes) => console.log(`${name.padEnd(18)} ${bytes.length.toLocaleString("en")} bytes`);
size("teeter.wasm", modules[0]);
size("teeter-simd.wasm", modules[1]);
size("teeter.html", Buffer.from(page));
