// The trainer of teeter, compiled to WebAssembly, for JavaScript: node, a page, a worker.
//
//   import { load } from "./teeter.js";
//   const teeter = await load({ portable, simd });          // two wasm files as bytes
//   const trainer = teeter.trainer({ learningRate: 0.5 }, { pixels, labels });
//   const [report] = trainer.step();                        // loss, λ₁, η·λ₁/2, phase …
//   trainer.learningRate = 0.8;
//   trainer.beginSurvey();                                  // spectrum, traces, Tr(G⁻¹H), a few products at a time
//   while (trainer.advanceSurvey(4) > 0) trainer.step();
//   const survey = trainer.survey();
//
// Every machine gives the same bits: `trainer.hash()` is that of a native run.

/**
 * What is trained. All of it may be left out.
 * @typedef {object} Config
 * @property {number} [seed] Initial parameters and probes follow from it alone; a whole number.
 * @property {number} [train] Rows to train on: the first.
 * @property {number} [test] Rows to test on: those behind them.
 * @property {number} [batch] Rows of a gradient; all of `train` for gradient descent proper.
 * @property {number} [columns] Numbers of a row.
 * @property {number} [classes]
 * @property {number[]} [hidden] Units of up to four hidden layers.
 * @property {"tanh" | "relu" | "softplus" | "identity"} [activation]
 * @property {"squared" | "cross-entropy"} [loss]
 * @property {"descent" | "polyak" | "nesterov"} [rule]
 * @property {number} [beta] Of the momentum, in [0, 1).
 * @property {number} [learningRate] η.
 */

/**
 * The rows: bytes, row after row, and the class of each.
 * @typedef {object} Rows
 * @property {Uint8Array} pixels
 * @property {Uint8Array} labels
 */

/**
 * @typedef {"stable" | "sharpening" | "edge" | "unstable"} Phase
 */

/**
 * A step; all but `updateNorm` is of the point where it began.
 * @typedef {object} StepReport
 * @property {number} step Steps taken before it.
 * @property {number} loss Over the training rows.
 * @property {number} accuracy Over the training rows, 0 to 1.
 * @property {number} sharpness λ₁, the largest eigenvalue of the loss's Hessian.
 * @property {number} residual What is left to improve, were the Hessian the same since.
 * @property {number} lag Age in steps of the products that λ₁ rests on.
 * @property {number} drift Change of λ₁ in a step; drift·lag is about what the estimate owes to its age.
 * @property {number} lowerBound λ₁ was no smaller, `lowerBoundAge` steps ago.
 * @property {number} lowerBoundResidual An eigenvalue lay within this of it.
 * @property {number} lowerBoundAge
 * @property {number} beyond Eigenvalues known to be beyond the threshold.
 * @property {number} threshold The sharpness up to which the rule is stable: 2/η for gradient descent.
 * @property {number} ratio λ₁ over the threshold: η·λ₁/2.
 * @property {Phase} phase
 * @property {number | null} firstEdgeStep
 * @property {number} instabilities
 * @property {number} catapults Instabilities that ended where it is flatter.
 * @property {number} gradientNorm
 * @property {number} updateNorm
 * @property {number} products Hessian products so far.
 */

/**
 * A number with its interval at the survey's confidence.
 * @typedef {object} Estimate
 * @property {number} value
 * @property {number} lower
 * @property {number} upper
 */

/**
 * One point of training, in full.
 * @typedef {object} SurveyReport
 * @property {number} step Steps taken before it.
 * @property {number} testLoss
 * @property {number} testAccuracy
 * @property {number} products Hessian products it took.
 * @property {Estimate & {standardError: number}} traceRatio Tr(G⁻¹H), G the diagonal Fisher matrix.
 * @property {{value: number, residual: number, upper: number}} largest λ₁: no smaller than `value`.
 * @property {{value: number, lower: number}} smallest λ_min: no larger than `value`.
 * @property {Estimate} trace Tr H.
 * @property {Estimate} frobenius ‖H‖_F.
 * @property {Estimate} effective Effective parameters, Σ |λ|/(|λ| + α).
 * @property {number} alpha
 * @property {number} confidence
 * @property {Float64Array} grid Eigenvalues.
 * @property {Float64Array} density Share of eigenvalues per unit, there.
 * @property {Float64Array} cumulative Share of eigenvalues up to there.
 */

/** @type {Phase[]} */
const PHASES = ["stable", "sharpening", "edge", "unstable"];
const ACTIVATIONS = ["tanh", "relu", "softplus", "identity"];
const LOSSES = ["squared", "cross-entropy"];
const RULES = ["descent", "polyak", "nesterov"];

const STEP_LEN = 20;
const SURVEY_LEN = 24;
const VERSION = 1;
const PAGE = 65536;

/** The digits, trained as the laboratory trains them but on fewer rows. */
export const DEFAULTS = {
  seed: 0, train: 500, test: 297, batch: 500, columns: 64, classes: 10, hidden: [32, 32],
  activation: "tanh", loss: "squared", rule: "descent", beta: 0.9, learningRate: 0.5,
};

/** A refusal, in words for people. */
export class TeeterError extends Error {
  name = "TeeterError";
  /** Whether it tells that training has diverged: no step will follow, at any learning rate. */
  diverged = false;
}

// The smallest module with an instruction of simd128: () -> v128 as i8x16.splat(0), dropped.
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11,
);

/** Whether this engine has WebAssembly's 128-bit vectors. */
export function hasSimd() {
  return typeof WebAssembly === "object" && WebAssembly.validate(SIMD_MODULE);
}

/**
 * Compiles the better of the two modules that this engine can run.
 * @param {{portable?: BufferSource, simd?: BufferSource}} modules Bytes of the wasm files; one is enough.
 * @returns {Promise<Teeter>}
 */
export async function load({ portable, simd }) {
  if (typeof WebAssembly !== "object") {
    throw new TeeterError("this engine has no WebAssembly; take a browser from 2017 or later, or node");
  }
  const takesSimd = simd !== undefined && hasSimd();
  const bytes = takesSimd ? simd : portable;
  if (bytes === undefined) {
    throw new TeeterError(
      simd === undefined
        ? "no module was given: pass the bytes of teeter.wasm as `portable`, of teeter-simd.wasm as `simd`"
        : "this engine has no simd128, and only the module that needs it was given; pass `portable` too",
    );
  }
  const { instance } = await WebAssembly.instantiate(bytes, {});
  return new Teeter(instance, takesSimd ? "simd128" : "portable");
}

/** The number of a name. */
function place(what, names, name) {
  const at = names.indexOf(name);
  if (at < 0) throw new TeeterError(`${what} is ${JSON.stringify(name)}, but must be one of ${names.join(", ")}`);
  return at;
}

/** A module, ready to train. */
export class Teeter {
  /**
   * @param {WebAssembly.Instance} instance
   * @param {"portable" | "simd128"} machine
   */
  constructor(instance, machine) {
    /** @type {any} */
    this.exports = instance.exports;
    this.machine = machine;
    const version = this.exports.teeter_version();
    if (version !== VERSION) {
      throw new TeeterError(`the module speaks version ${version} of the interface, this file version ${VERSION}; build both anew`);
    }
  }

  /** Bytes of memory in use. */
  get bytes() {
    return this.exports.memory.buffer.byteLength;
  }

  /**
   * Lets the memory grow, and returns where the new part begins.
   * @param {number} bytes
   */
  lend(bytes) {
    const pages = Math.ceil(bytes / PAGE);
    try {
      return this.exports.memory.grow(pages) * PAGE;
    } catch {
      throw new TeeterError(`no room for ${bytes} more bytes of memory; train on fewer rows or a smaller network`);
    }
  }

  /**
   * A training at its beginning.
   * @param {Config} config
   * @param {Rows} rows
   */
  trainer(config, rows) {
    return new Trainer(this, config, rows);
  }
}

/** A training. */
export class Trainer {
  /**
   * @param {Teeter} teeter
   * @param {Config} config
   * @param {Rows} rows
   */
  constructor(teeter, config, rows) {
    this.teeter = teeter;
    const bytes = teeter.exports.teeter_session_bytes();
    this.session = teeter.lend(bytes);
    if (teeter.exports.teeter_session_open(this.session) !== 0) throw new TeeterError("no place for a session");
    this.memory = 0;
    this.capacity = 0;
    this.restart(config, rows);
  }

  /**
   * Begins anew, in the same memory where that is enough.
   * @param {Config} config
   * @param {Rows} rows
   */
  restart(config, { pixels, labels }) {
    const all = { ...DEFAULTS, ...config };
    if (config.batch === undefined) all.batch = all.train;
    const { exports } = this.teeter;
    const rows = all.train + all.test;
    if (labels.length < rows || pixels.length < rows * all.columns) {
      throw new TeeterError(
        `${rows} rows of ${all.columns} numbers are to be trained and tested on, but ${labels.length} labels and ${pixels.length} numbers were given`,
      );
    }
    if (all.hidden.length > 4) throw new TeeterError(`${all.hidden.length} hidden layers, but 4 are the limit`);
    const numbers = [
      all.seed, all.train, all.test, all.batch, all.columns, all.classes,
      place("activation", ACTIVATIONS, all.activation), place("loss", LOSSES, all.loss),
      place("rule", RULES, all.rule), all.beta, all.learningRate, ...all.hidden,
    ];
    while (numbers.length < 15) numbers.push(0);
    this.numbers(exports.teeter_session_config(this.session), numbers.length).set(numbers);
    const needed = exports.teeter_session_needs(this.session);
    if (needed === 0) this.refuse();
    if (needed > this.capacity) {
      this.memory = this.teeter.lend(needed);
      this.capacity = Math.ceil(needed / PAGE) * PAGE;
    }
    const bytes = new Uint8Array(exports.memory.buffer, this.memory, rows * (all.columns + 1));
    bytes.set(pixels.subarray(0, rows * all.columns));
    bytes.set(labels.subarray(0, rows), rows * all.columns);
    if (exports.teeter_session_start(this.session, this.memory, this.capacity) !== 0) this.refuse();
    this.config = all;
  }

  /**
   * Takes up to `count` steps; throws where training has diverged before the first of them.
   * @returns {StepReport[]}
   */
  step(count = 1) {
    const { exports } = this.teeter;
    const taken = exports.teeter_session_step(this.session, count);
    if (taken < 0) this.refuse(taken === -2);
    const numbers = this.numbers(exports.teeter_session_steps(this.session), taken * STEP_LEN);
    return Array.from({ length: taken }, (_, i) => stepReport(numbers.subarray(i * STEP_LEN, (i + 1) * STEP_LEN)));
  }

  /** η. */
  get learningRate() {
    return this.config.learningRate;
  }

  set learningRate(rate) {
    if (this.teeter.exports.teeter_session_set_learning_rate(this.session, rate) !== 0) this.refuse();
    this.config.learningRate = rate;
  }

  /** Begins a survey of the point where the next step begins. */
  beginSurvey() {
    if (this.teeter.exports.teeter_session_survey(this.session) !== 0) this.refuse();
  }

  /**
   * Takes up to `products` products for it.
   * @returns {number} How many are left; 0: `survey()` has it.
   */
  advanceSurvey(products = 1) {
    const left = this.teeter.exports.teeter_session_survey_advance(this.session, products);
    if (left < 0) this.refuse();
    return left;
  }

  /**
   * The last survey that is done.
   * @returns {SurveyReport}
   */
  survey() {
    const { exports } = this.teeter;
    const points = exports.teeter_curve_points();
    const curves = this.numbers(exports.teeter_session_curves(this.session), 3 * points);
    const curve = (i) => curves.slice(i * points, (i + 1) * points);
    const numbers = this.numbers(exports.teeter_session_report(this.session), SURVEY_LEN);
    return surveyReport(numbers, [curve(0), curve(1), curve(2)]);
  }

  /** 64 bits for the parameters, as sixteen digits: those of a native run. */
  hash() {
    const hash = this.teeter.exports.teeter_session_hash(this.session);
    return BigInt.asUintN(64, hash).toString(16).padStart(16, "0");
  }

  /** A copy of the parameters: of each layer its weights, inputs × outputs, then its biases. */
  params() {
    const { exports } = this.teeter;
    const count = exports.teeter_session_param_count(this.session);
    return this.numbers(exports.teeter_session_params(this.session), count).slice();
  }

  /**
   * A view into the module's memory, good until that grows.
   * @returns {Float64Array}
   */
  numbers(address, length) {
    return new Float64Array(this.teeter.exports.memory.buffer, address, length);
  }

  /** @returns {never} */
  refuse(diverged = false) {
    const { exports } = this.teeter;
    const bytes = new Uint8Array(
      exports.memory.buffer,
      exports.teeter_session_text(this.session),
      exports.teeter_session_text_len(this.session),
    );
    throw Object.assign(new TeeterError(new TextDecoder().decode(bytes)), { diverged });
  }
}

/** @returns {StepReport} */
function stepReport(numbers) {
  const [step, loss, accuracy, sharpness, residual, lag, drift, lowerBound, lowerBoundResidual, lowerBoundAge,
    beyond, threshold, ratio, phase, firstEdgeStep, instabilities, catapults, gradientNorm, updateNorm,
    products] = numbers;
  return {
    step, loss, accuracy, sharpness, residual, lag, drift, lowerBound, lowerBoundResidual, lowerBoundAge,
    beyond, threshold, ratio, phase: PHASES[phase], firstEdgeStep: firstEdgeStep < 0 ? null : firstEdgeStep,
    instabilities, catapults, gradientNorm, updateNorm, products,
  };
}

/** @returns {SurveyReport} */
function surveyReport(numbers, [grid, density, cumulative]) {
  const [step, testLoss, testAccuracy, products] = numbers;
  const estimate = (at) => ({ value: numbers[at], lower: numbers[at + 1], upper: numbers[at + 2] });
  return {
    step, testLoss, testAccuracy, products,
    traceRatio: { value: numbers[4], standardError: numbers[5], lower: numbers[6], upper: numbers[7] },
    largest: { value: numbers[8], residual: numbers[9], upper: numbers[10] },
    smallest: { value: numbers[11], lower: numbers[12] },
    trace: estimate(13), frobenius: estimate(16), effective: estimate(19),
    alpha: numbers[22], confidence: numbers[23],
    grid, density, cumulative,
  };
}
