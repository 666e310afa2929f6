// Runs the golden suite compiled to WebAssembly: node run.mjs FILE
import { readFileSync, writeSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {
  host: {
    print: (at, length) => writeSync(1, new Uint8Array(instance.exports.memory.buffer, at, length)),
  },
});
instance.exports.main();
