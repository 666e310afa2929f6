// The page in Chromium, from a file, as a person uses it: node browser.mjs FOLDER NATIVE. Screenshots go to FOLDER/screens.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, nativeLines] = process.argv.slice(2).map((path) => resolve(path));
const { chromium } = createRequire(join(folder, "driver/"))("playwright-core");
const screens = join(folder, "screens");
mkdirSync(screens, { recursive: true });
const address = pathToFileURL(join(folder, "teeter.html")).href;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars"],
});

/** Opens the page; `noise` collects what it complains of, and what it asks the network for. */
async function open(options, before) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const noise = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && noise.push(message.text()));
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || noise.push(`asked for ${request.url()}`));
  if (before) await page.addInitScript(before);
  await page.goto(address);
  return { context, page, noise };
}

const number = async (page, id) => Number((await page.textContent(id)).replace("−", "-").replace(/ .*/, ""));
const until = (page, what, argument, timeout = 120_000) => page.waitForFunction(what, argument, { timeout, polling: 50 });
const ratioAbove = (least) => Number(document.getElementById("gauge-value").textContent) > least;
const stepAbove = (least) => Number(document.getElementById("fact-step").textContent) > least;

/** Sets the slider as the keyboard would: value, then an event. */
const setRate = (page, eta) => page.$eval("#rate", (slider, eta) => {
  slider.value = String(Math.log10(eta));
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}, eta);

async function training() {
  const { context, page, noise } = await open({ viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 });
  await until(page, stepAbove, 20);
  const gauge = await number(page, "#gauge-value");
  assert.ok(gauge > 0 && gauge < 1, `at η = 0.5 training begins below the edge, but the gauge is ${gauge}`);
  await until(page, ratioAbove, 0.9);
  await setRate(page, 1);
  // Twice the rate, twice the gauge: without it, it would creep to 1.1.
  await until(page, ratioAbove, 1.5);
  console.log(`gauge beyond 1.5 at step ${await number(page, "#fact-step")}, after η was raised to ${await page.textContent("#rate-value")}`);
  // It does not stay there: training is thrown to where it is flatter, and comes back to the edge.
  await until(page, () => ["edge", "sharpening", "stable"].includes(document.getElementById("gauge").dataset.phase));

  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => (await devtools.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
  const before = await busy();
  const frames = await page.evaluate(async () => {
    const from = Number(document.getElementById("fact-step").textContent), gaps = [];
    let last = await new Promise(requestAnimationFrame);
    const start = last;
    while (last - start < 3000) {
      const now = await new Promise(requestAnimationFrame);
      gaps.push(now - last);
      last = now;
    }
    gaps.sort((a, b) => a - b);
    const steps = Number(document.getElementById("fact-step").textContent) - from;
    const seconds = (last - start) / 1000;
    return { seconds, fps: gaps.length / seconds, slowest: gaps.at(-1), p99: gaps[Math.floor(gaps.length * 0.99)], steps: steps / seconds };
  });
  console.log(`while training: ${frames.fps.toFixed(0)} frames a second (99 % within ${frames.p99.toFixed(0)} ms, slowest ${frames.slowest.toFixed(0)} ms), ${frames.steps.toFixed(0)} steps a second; the page's own thread computes ${(100 * (await busy() - before) / frames.seconds).toFixed(0)} % of the time`);
  // A page that computes on its own thread stands still for a step at a time; how fast this one is, is a matter of the machine.
  assert.ok(frames.steps > 0 && frames.fps > 0, "it trains, and it draws");

  await until(page, stepAbove, 300);
  for (const id of ["#fact-test", "#fact-effective", "#spectrum-step", "#detail-survey", "#detail-sharpness"]) {
    assert.match(await page.textContent(id), /\d/, `${id} has a number`);
  }
  assert.match(await page.getAttribute("#plot-ratio", "aria-label"), /Trace of G inverse H at step \d+: [\d.KM]+ in \[[\d.KM−]+, [\d.KM]+\]/);
  await page.click("#run");
  assert.equal(await page.textContent("#run"), "Go on");
  await until(page, () => /hash of the parameters [0-9a-f]{16}/.test(document.getElementById("detail-machine").textContent));
  await page.screenshot({ path: join(screens, "1280.png"), fullPage: true });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(screens, "1280-dark.png"), fullPage: true });

  // By keyboard: the slider moves by arrows, the button by the space bar.
  await page.focus("#rate");
  const eta = await number(page, "#rate-value");
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
  assert.ok((await number(page, "#rate-value")) > eta, "an arrow raises η");
  await page.focus("#run");
  await page.keyboard.press("Space");
  assert.equal(await page.textContent("#run"), "Pause");

  await setRate(page, 3);
  await until(page, () => document.getElementById("phase-name").textContent === "Diverged");
  assert.match(await page.textContent("#spoken"), /./, "what happens is also said");
  await page.click("#restart");
  await setRate(page, 0.5);
  await until(page, (most) => { const step = Number(document.getElementById("fact-step").textContent); return step > 3 && step < most; }, 200);

  // Another training: few rows a step, another loss.
  await page.click("text=Another training");
  await page.selectOption("[name=batch]", "25");
  await page.selectOption("[name=loss]", "cross-entropy");
  await page.click("text=Start this one");
  await until(page, (most) => { const step = Number(document.getElementById("fact-step").textContent); return step > 3 && step < most; }, 200);
  assert.deepEqual(noise, [], "nothing on the console, nothing from the network");
  await context.close();
}

async function phone() {
  const { context, page, noise } = await open({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await until(page, stepAbove, 150);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide, but the screen 390`);
  const small = await page.$$eval("button, select, input", (all) => all.filter((one) => one.offsetParent && one.getBoundingClientRect().height < 24).map((one) => one.outerHTML));
  assert.deepEqual(small, [], "what is tapped is 24 pixels high or more");
  await page.click("#run");
  await page.screenshot({ path: join(screens, "390-top.png") });
  await page.screenshot({ path: join(screens, "390.png"), fullPage: true });
  assert.deepEqual(noise, []);
  await context.close();
}

/** The page's own code and modules, for as many steps as the native run; on both machines. */
async function bits() {
  const { context, page, noise } = await open({ reducedMotion: "reduce" });
  await until(page, () => document.getElementById("phase-name").textContent === "Ready");
  assert.equal(await page.textContent("#run"), "Start", "who asked for less motion starts it themselves");
  const same = readFileSync(new URL("same.mjs", import.meta.url), "utf8").replaceAll(/^export /gm, "");
  // As text: the page's policy lets nothing make code of strings, but its tester may.
  const hashes = await page.evaluate(`(async () => {
    ${same}
    const payload = JSON.parse(document.getElementById("payload").textContent);
    const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const found = {};
    for (const given of [{ portable: bytes(payload.portable) }, { simd: bytes(payload.simd) }]) {
      const teeter = await load(given);
      found[teeter.machine] = train(teeter, rows(bytes(payload.rows), DEFAULTS));
    }
    return found;
  })()`);
  const native = readFileSync(nativeLines, "utf8").trim().split("\n").map((line) => line.split(" "));
  for (const [machine, stretches] of Object.entries(hashes)) {
    for (const { steps, hash } of stretches) {
      const line = native.find(([, what, at]) => (what === "params" ? at : `${what} ${at}`) === String(steps));
      assert.equal(hash, line?.[3], `Chromium's ${machine} after ${steps} steps and a native run`);
    }
  }
  assert.deepEqual(Object.keys(hashes), ["portable", "simd128"]);
  console.log(`Chromium, portable and simd128: ${hashes.portable.map((at) => `${at.steps}: ${at.hash}`).join(", ")}, as natively`);
  assert.deepEqual(noise, []);
  await context.close();
}

/** Where no worker can be had, the same code runs in slices. */
async function withoutWorker() {
  const { context, page, noise } = await open({}, () => { delete window.Worker; });
  await until(page, stepAbove, 10);
  assert.deepEqual(noise, []);
  console.log("without a worker: trains too");
  await context.close();
}

try {
  for (const test of [training, phone, bits, withoutWorker]) await test();
  console.log("browser: all as it must be");
} finally {
  await browser.close();
}
