import { fileURLToPath } from "node:url";
import { hasPython, python, script } from "./python.mjs";

/**
 * What takes part, and in which cases. One that cannot run a case says so itself, and has no row in it.
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {"inkling" | "native" | "web"} kind Inkling, or a peer with native code, or one in JavaScript and WebAssembly.
 * @property {(threads: number) => readonly string[]} command
 * @property {readonly string[]} modes
 * @property {(setting: Setting) => boolean} [only] Where it takes part, if not everywhere.
 *
 * @typedef {{ readonly network: string, readonly mode: string, readonly batchSize: number, readonly threads: number }} Setting
 */

const node = (/** @type {string} */ file, /** @type {readonly string[]} */ args = []) => {
  const path = fileURLToPath(new URL(`contenders/${file}.mjs`, import.meta.url));
  return (/** @type {number} */ threads) => [process.execPath, path, ...args, "--threads", `${threads}`];
};

const py = (/** @type {string} */ file, /** @type {readonly string[]} */ args = []) => {
  const path = script(`${file}_peer.py`);
  return (/** @type {number} */ threads) => [python, path, ...args, "--threads", `${threads}`];
};

/** Engines in JavaScript take seconds for a step. @param {Setting} setting */
const oneOfTheSlow = ({ network, mode, batchSize, threads }) =>
  mode !== "training" || (network === "lenet" && batchSize === 16 && threads === 1);

const all = ["training", "inference", "latency"];

/** @type {readonly Contender[]} */
const contenders = [
  { name: "Inkling native", kind: "inkling", command: node("inkling", ["--backend", "native"]), modes: all },
  { name: "Inkling wasm", kind: "inkling", command: node("inkling", ["--backend", "wasm"]), modes: all },
  {
    name: "Inkling native (Winograd)",
    kind: "inkling",
    command: node("inkling", ["--backend", "native", "--winograd"]),
    modes: all,
  },
  {
    name: "Inkling wasm (Winograd)",
    kind: "inkling",
    command: node("inkling", ["--backend", "wasm", "--winograd"]),
    modes: all,
  },
  { name: "TensorFlow", kind: "native", command: py("tensorflow"), modes: ["training", "inference"] },
  {
    name: "TensorFlow, its own LRN",
    kind: "native",
    command: py("tensorflow", ["--own-lrn"]),
    modes: ["training"],
    only: ({ network }) => network === "lenet",
  },
  { name: "PyTorch", kind: "native", command: py("torch"), modes: ["training", "inference"] },
  { name: "JAX", kind: "native", command: py("jax"), modes: ["training", "inference"] },
  { name: "ONNX Runtime", kind: "native", command: py("onnxruntime"), modes: ["inference", "latency"] },
  { name: "onnxruntime-web", kind: "web", command: node("onnxruntimeWeb"), modes: ["inference", "latency"] },
  {
    name: "TensorFlow.js",
    kind: "web",
    command: node("tfjs"),
    modes: ["training", "inference"],
    only: oneOfTheSlow,
  },
  { name: "jax-js", kind: "web", command: node("jaxjs"), modes: ["training"], only: oneOfTheSlow },
];

/** @param {Contender} contender */
const needsPython = ({ kind, name }) => kind === "native" || name === "onnxruntime-web";

/** Those of a mode that are installed here, or of the given names. @param {readonly string[]} [names] */
export function contendersHere(names) {
  const chosen = contenders.filter(({ name }) => !names || names.some((n) => name.toLowerCase().includes(n)));
  if (hasPython()) return chosen;
  console.error("No Python peers: npm --prefix bench run peers:install sets them up.");
  return chosen.filter((contender) => !needsPython(contender));
}
