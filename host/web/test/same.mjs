// One training, the same wherever it runs: node, the page, and natively (host/web/test/run hands CONFIG to the example).

/** What is trained. */
export const CONFIG = { seed: 7, train: 500, test: 297, batch: 500, hidden: [32, 32], learningRate: 0.5 };

/** Steps at the first rate, and at each of the others. */
export const STEPS = [60, 30, 10];
export const RATES = [1.2, 0.1];

/** The bytes of rows.bin taken apart. */
export function rows(bytes, { train, test, columns }) {
  const count = (train + test) * columns;
  return { pixels: bytes.subarray(0, count), labels: bytes.subarray(count) };
}

/** Trains, and returns the hash after each stretch, and that of a survey's numbers after the last. */
export function train(teeter, digits) {
  const trainer = teeter.trainer(CONFIG, digits);
  const hashes = STEPS.map((steps, i) => {
    if (i > 0) trainer.learningRate = RATES[i - 1];
    trainer.step(steps);
    return { steps: STEPS.slice(0, i + 1).reduce((sum, n) => sum + n), hash: trainer.hash() };
  });
  trainer.beginSurvey();
  while (trainer.advanceSurvey(8) > 0);
  const address = teeter.exports.teeter_session_report(trainer.session);
  return [...hashes, { steps: `survey ${hashes.at(-1).steps}`, hash: fnv(trainer.numbers(address, 24)) }];
}

/** FNV-1a of 64 bits over the bytes of the numbers, as `teeter_web::hash`. */
export function fnv(numbers) {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, "0");
}
