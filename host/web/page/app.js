// The page: controls to the trainer, its numbers to the screen.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  /** Between two drawings, in ms. */
  const DRAW_EVERY = calm ? 500 : 66;

  /** Between two sentences to a screen reader, in ms: phases change faster than they can be said. */
  const SAY_EVERY = 4000;

  const PHASES = {
    stable: ["Stable", "Below the edge, and not getting sharper."],
    sharpening: ["Sharpening", "Below the edge, and on the way to it."],
    edge: ["At the edge", "λ₁ is about 2/η: steps overshoot along the sharpest direction, yet the loss keeps falling in the long run."],
    unstable: ["Unstable", "λ₁ is beyond 2/η and the loss rises: training is being thrown out of this valley."],
    diverged: ["Diverged", "No flat place was left to be thrown to. Lower η and restart."],
    failed: ["Something failed", ""],
  };

  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const payload = JSON.parse($("payload").textContent);
  const rows = bytes(payload.rows);
  const count = payload.rowCount;

  /** Something that speaks as a worker does: a worker, or the same code here, in slices. */
  function engine() {
    try {
      const source = `"use strict";${$("engine").textContent}\nserve(self);`;
      return new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    } catch {
      const outside = { onmessage: null, postMessage: (data) => setTimeout(() => inside.onmessage({ data }), 0) };
      const inside = { onmessage: null, postMessage: (data) => setTimeout(() => outside.onmessage({ data }), 0) };
      serve(inside);
      return outside;
    }
  }

  const worker = engine();
  const charts = new Charts();
  let running = false, end = null, last = null, lastSurvey = null, phase = "none", changed = false, drawn = 0, said = -SAY_EVERY, machine = "", hash = "";
  let config = { ...DEFAULTS };

  // η of the slider: 10^position, to two digits, so that what is shown is what is used.
  const rate = () => Number((10 ** Number($("rate").value)).toPrecision(2));
  const limitFactor = () => ({ descent: 2, polyak: 3.8, nesterov: 3.8 / 2.8 })[config.rule];

  function showRate() {
    const eta = rate(), limit = limitFactor() / eta;
    $("rate-value").textContent = String(eta);
    $("limit-text").textContent = `limit ${config.rule === "descent" ? "2/η" : "of η"} = ${limit.toPrecision(3)}`;
    $("rate").setAttribute("aria-valuetext", `${eta}, limit of the sharpness ${limit.toPrecision(3)}`);
  }

  function setRate(eta) {
    $("rate").value = String(Math.log10(eta));
    changeRate();
  }

  function changeRate() {
    config.learningRate = rate();
    showRate();
    worker.postMessage({ type: "rate", rate: config.learningRate });
  }

  function setRunning(now) {
    running = now && end === null;
    $("run").textContent = running ? "Pause" : last ? "Go on" : "Start";
    $("run").disabled = end !== null;
    worker.postMessage({ type: "run", running });
  }

  function start() {
    end = null;
    last = lastSurvey = null;
    hash = "";
    charts.clear();
    setPhase("none", ["Ready", "At the initial parameters."]);
    worker.postMessage({ type: "start", config });
    $("run").disabled = $("restart").disabled = false;
    changed = true;
  }

  function setPhase(name, [title, text] = PHASES[name]) {
    if (name === phase && name !== "none") return;
    phase = name;
    document.querySelector(".phase").dataset.phase = name;
    $("gauge").dataset.phase = name;
    $("phase-name").textContent = title;
    $("phase-text").textContent = text;
  }

  const percent = (x) => `${(100 * x).toFixed(1)} %`;

  /** With all its digits where that is short: 2.10 after 2.11 should not jump. */
  function number(x, digits = 3) {
    if (!Number.isFinite(x)) return "–";
    const size = Math.abs(x);
    return size >= 1e-3 && size < 10 ** digits ? x.toPrecision(digits).replace("-", "−") : short(Number(x.toPrecision(digits)));
  }

  function show() {
    $("fact-step").textContent = last ? String(last.step + 1) : "0";
    const ratio = last ? last.ratio : 0;
    $("gauge-value").textContent = last ? last.ratio.toFixed(2) : "–";
    $("gauge-fill").style.transform = `scaleX(${Math.min(Math.max(ratio / 2, 0), 1)})`;
    $("gauge").setAttribute("aria-valuenow", String(Math.min(Math.max(ratio, 0), 2).toFixed(2)));
    $("gauge").setAttribute("aria-valuetext", `${ratio.toFixed(2)}; 1 is the edge`);
    $("fact-loss").textContent = last ? number(last.loss) : "–";
    $("fact-train").textContent = last ? percent(last.accuracy) : "–";
    $("fact-sharpness").textContent = last ? number(last.sharpness) : "–";
    $("fact-beyond").textContent = last ? String(last.beyond) : "–";
    $("fact-test").textContent = lastSurvey ? percent(lastSurvey.testAccuracy) : "–";
    if (last) {
      setPhase(end ?? last.phase);
      $("detail-sharpness").textContent =
        `Now: ${number(last.sharpness, 4)}; it rests on products ${last.lag.toFixed(1)} steps old, and moves by ${number(last.drift, 2)} a step. Certain: ${last.lowerBoundAge} steps ago it was at least ${number(last.lowerBound, 4)}, with an eigenvalue within ${number(last.lowerBoundResidual, 2)} of that.`;
      $("plot-sharpness").setAttribute("aria-label",
        `Sharpness at step ${last.step}: ${number(last.sharpness)}, limit ${number(last.threshold)}. Phase: ${PHASES[last.phase][0]}.`);
      $("plot-loss").setAttribute("aria-label", `Loss at step ${last.step}: ${number(last.loss)}.`);
    }
    if (lastSurvey) showSurvey(lastSurvey);
    else for (const id of ["fact-effective", "fact-trace", "spectrum-step"]) $(id).textContent = "–";
    $("detail-machine").textContent =
      `Here: ${machine}, ${config.params ?? "–"} parameters, ${last ? last.products : 0} products so far${hash && !running ? `, hash of the parameters ${hash}` : "; pause to see the hash"}.`;
  }

  function showSurvey({ step, effective, traceRatio, largest, smallest, trace, alpha, products }) {
    $("fact-effective").textContent = number(effective.value);
    $("fact-trace").textContent = number(trace.value);
    $("spectrum-step").textContent = String(step);
    const within = ({ value, lower, upper }) => `${number(value)} in [${number(lower)}, ${number(upper)}]`;
    $("detail-survey").textContent =
      `At step ${step}, by ${products} products: λ₁ in [${number(largest.value)}, ${number(largest.upper)}], least eigenvalue at most ${number(smallest.value)}, Tr H = ${within(trace)}, Σ |λ|/(|λ| + α) = ${within(effective)} with α = λ₁/2 = ${number(alpha)}. Intervals at 95 %.`;
    $("plot-spectrum").setAttribute("aria-label",
      `Spectrum at step ${step}: eigenvalues from ${number(smallest.value)} to ${number(largest.value)}, trace ${number(trace.value)}.`);
    $("plot-ratio").setAttribute("aria-label", `Trace of G inverse H at step ${step}: ${within(traceRatio)}.`);
  }

  function stop(why) {
    end = why;
    setRunning(false);
    setPhase(why);
  }

  const answers = {
    ready(message) {
      machine = message.machine;
      start();
      // Who asked for less motion decides when it begins.
      setRunning(!calm);
      if (calm) setPhase("none", ["Ready", "Press Start to train."]);
    },
    started(message) {
      config.params = message.params;
    },
    steps({ reports }) {
      for (const report of reports) charts.addStep(report);
      last = reports.at(-1) ?? last;
    },
    survey(message) {
      lastSurvey = message.survey;
      charts.addSurvey(lastSurvey);
    },
    paused(message) {
      hash = message.hash;
    },
    diverged() {
      stop("diverged");
    },
    failed({ text }) {
      PHASES.failed[1] = text;
      stop("failed");
    },
  };

  worker.onmessage = ({ data }) => {
    answers[data.type](data);
    changed = true;
  };
  worker.onerror = (event) => answers.failed({ text: event.message });

  /** Tells the phase to who does not see it, if it is another one. */
  function say(now) {
    const text = $("phase-name").textContent;
    if (now - said < SAY_EVERY || text === $("spoken").textContent) return;
    said = now;
    $("spoken").textContent = text;
  }

  function frame(now) {
    say(now);
    if (changed && now - drawn >= DRAW_EVERY) {
      changed = false;
      drawn = now;
      show();
      charts.draw();
    }
    requestAnimationFrame(frame);
  }

  $("rate").addEventListener("input", changeRate);
  $("run").addEventListener("click", () => setRunning(!running));
  $("restart").addEventListener("click", () => {
    start();
    setRunning(true);
  });
  for (const button of document.querySelectorAll("button.set")) {
    button.addEventListener("click", () => {
      setRate(Number(button.dataset.rate));
      if (!running) setRunning(true);
    });
  }
  $("setup").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    config = {
      ...DEFAULTS,
      rule: form.get("rule"), batch: Number(form.get("batch")), hidden: form.get("hidden").split(",").map(Number),
      activation: form.get("activation"), loss: form.get("loss"), seed: Number(form.get("seed")), learningRate: rate(),
    };
    showRate();
    start();
    setRunning(true);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.closest("button, input, select, summary")) return;
    event.preventDefault();
    setRunning(!running);
  });

  $("rate").value = String(Math.log10(DEFAULTS.learningRate));
  showRate();
  requestAnimationFrame(frame);
  const modules = { portable: bytes(payload.portable), simd: bytes(payload.simd) };
  worker.postMessage({
    type: "load", ...modules,
    pixels: rows.subarray(0, count * DEFAULTS.columns), labels: rows.subarray(count * DEFAULTS.columns),
  });
})();
