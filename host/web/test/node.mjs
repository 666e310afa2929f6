// Both modules in node, and beside them the native trainer: node node.mjs FOLDER NATIVE, NATIVE the lines of the example `native`.
// Prints the hashes, and fails when two differ. Then the refusals.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { DEFAULTS, TeeterError, hasSimd, load } from "../teeter.js";
import { CONFIG, RATES, STEPS, rows, train } from "./same.mjs";

const [folder, nativeLines] = process.argv.slice(2);
const modules = { portable: readFileSync(join(folder, "teeter.wasm")), simd: readFileSync(join(folder, "teeter-simd.wasm")) };
const digits = rows(readFileSync(join(folder, "rows.bin")), DEFAULTS);

assert.ok(hasSimd(), "node has simd128");
const native = readFileSync(nativeLines, "utf8").trim().split("\n").map((line) => line.split(" "));
const expected = native.filter(([, what]) => what === "params").map(([machine, , steps, hash]) => ({ machine, steps, hash }));
assert.ok(expected.length >= RATES.length + 1, "the native trainer printed its hashes");

const found = [];
for (const [name, given] of [["portable", { portable: modules.portable }], ["simd128", modules]]) {
  const teeter = await load(given);
  assert.equal(teeter.machine, name);
  const start = process.cpuUsage();
  found.push(...train(teeter, digits).map((at) => ({ machine: `wasm ${name}`, ...at })));
  const seconds = process.cpuUsage(start).user / 1e6;
  console.log(`${name}: ${STEPS.reduce((sum, n) => sum + n)} steps and a survey in ${seconds.toFixed(2)} s of the processor, ${(teeter.bytes / 2 ** 20).toFixed(1)} MiB of memory`);
}
const surveys = native.filter(([, what]) => what === "survey").map(([machine, what, steps, hash]) => ({ machine, steps: `${what} ${steps}`, hash }));
const all = [...expected, ...surveys, ...found];
for (const { machine, steps, hash } of all) console.log(`${machine.padEnd(14)} ${String(steps).padEnd(12)} ${hash}`);
for (const steps of new Set(all.map((at) => String(at.steps)))) {
  const hashes = all.filter((at) => String(at.steps) === steps);
  assert.ok(hashes.length >= 3, `${steps}: two modules and a native machine`);
  for (const { machine, hash } of hashes) assert.equal(hash, hashes[0].hash, `${machine} at ${steps} differs from ${hashes[0].machine}`);
}

// What is refused, and with which words.
const refused = async (what, words) => {
  let message = "nothing";
  try {
    await what();
  } catch (error) {
    assert.ok(error instanceof TeeterError, String(error));
    message = `${error.message}${error.diverged ? " (diverged)" : ""}`;
  }
  assert.match(message, words);
  console.log(`refused: ${message}`);
};
await refused(() => load({}), /no module was given/);
const teeter = await load(modules);
const start = (config) => () => teeter.trainer({ ...CONFIG, ...config }, digits);
await refused(start({ learningRate: 0 }), /learning_rate/);
await refused(start({ train: 2000 }), /2297 rows.*797 labels/);
await refused(start({ batch: 501 }), /`batch` is 501, but must lie between 1 and 500/);
await refused(start({ rule: "adam" }), /one of descent, polyak, nesterov/);
await refused(start({ hidden: [8, 8, 8, 8, 8] }), /5 hidden layers/);
await refused(start({ seed: -1 }), /seed/);
const trainer = start({ learningRate: 1e6, hidden: [8] })();
const before = trainer.hash();
await refused(() => trainer.advanceSurvey(), /out of turn: `survey`/);
await refused(() => { trainer.learningRate = NaN; }, /learning_rate/);
assert.equal(trainer.hash(), before, "a refusal changes nothing");
await refused(() => { for (;;) trainer.step(); }, /`loss` is .*, but must lie between 0 and/);
trainer.restart({ ...CONFIG, hidden: [8] }, digits);
assert.equal(trainer.step(3).length, 3, "a restart in the same memory");
console.log("node: all as it must be");
