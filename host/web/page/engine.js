// Trains in a worker, or, where there is none, in slices of the page's own time. Speaks by messages:
//
//   to it:    {type: "load", portable, simd, pixels, labels}, {type: "start", config}, {type: "rate", rate},
//             {type: "run", running}
//   from it:  {type: "ready", machine}, {type: "started", config, params}, {type: "steps", reports}, {type: "survey", survey},
//             {type: "paused", step, hash}, {type: "diverged", step, text}, {type: "failed", text}

/** Products of a survey taken after each step: it then costs about as much as the step. */
const SURVEY_PRODUCTS = 2;

/** Steps a second at most: faster than this nobody can follow. */
const STEPS_PER_SECOND = 30;

/** @param {{postMessage: (message: any) => void, onmessage: any}} port */
function serve(port) {
  let teeter, rows, trainer, running = false, waiting = false, surveying = false, due = 0;

  const commands = {
    async load({ portable, simd, pixels, labels }) {
      rows = { pixels, labels };
      teeter = await load({ portable, simd });
      port.postMessage({ type: "ready", machine: teeter.machine });
    },
    start({ config }) {
      if (trainer) trainer.restart(config, rows);
      else trainer = teeter.trainer(config, rows);
      surveying = false;
      port.postMessage({ type: "started", config: trainer.config, params: trainer.params().length });
      turn();
    },
    rate({ rate }) {
      if (trainer) trainer.learningRate = rate;
    },
    run(message) {
      running = message.running;
      if (!running && trainer) port.postMessage({ type: "paused", hash: trainer.hash() });
      turn();
    },
  };

  /** Asks for the next step, once. */
  function turn() {
    if (waiting || !running || !trainer) return;
    waiting = true;
    setTimeout(() => {
      waiting = false;
      guard(work);
    }, Math.max(0, due - performance.now()));
  }

  function work() {
    if (!running) return;
    due = Math.max(due, performance.now() - 100) + 1000 / STEPS_PER_SECOND;
    if (!surveying) {
      trainer.beginSurvey();
      surveying = true;
    }
    const reports = trainer.step();
    port.postMessage({ type: "steps", reports });
    if (trainer.advanceSurvey(SURVEY_PRODUCTS) === 0) {
      surveying = false;
      port.postMessage({ type: "survey", survey: trainer.survey() });
    }
    turn();
  }

  /** A divergence is an end of the training, everything else is a fault. */
  async function guard(what) {
    try {
      await what();
    } catch (error) {
      running = false;
      port.postMessage({ type: error.diverged ? "diverged" : "failed", text: error.message });
    }
  }

  port.onmessage = ({ data }) => guard(() => commands[data.type](data));
}
