import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { compilerHere } from "../../../dist/backends/native/node/nativeOrWasm.js";
import { readImages } from "../../../dist/datasets/index.js";
import { commandFor } from "../../../dist/export/c/node/runC.js";
import {
  backend,
  conv2d,
  dense,
  depthwiseConv2d,
  exportC,
  exportOnnx,
  exportPackage,
  exportWasm,
  flatten,
  gelu,
  leakyRelu,
  maxPool2d,
  network,
  recipe,
  recipeTraining,
  TrainingData,
  train,
} from "../../../dist/index.node.js";
import { openDataset } from "../../../dist/node.js";
import { Child } from "../child.mjs";
import { median, speedup, takeTurns } from "../measure.mjs";
import { hasPython, python, script } from "../python.mjs";
import { describe, machine, publish, table } from "../report.mjs";

/**
 * Exported models beside what else runs them: `npm run exports`. Every network is trained for a few steps on the built-in
 * letters, and exported; logits of all test images are compared with the model's.
 */
const usage = `npm --prefix bench run exports -- [options]
  --only lenet,fast        networks: lenet, fast, inception, best, mixed (default: all)
  --steps 100              of training
  --rounds 5 --seconds 0.4
  --onnx2c PROGRAM         the compiler of https://github.com/kraiskil/onnx2c, built from its source`;
const text = { type: /** @type {const} */ ("string") };
const { values } = parseArgs({
  options: { only: text, steps: text, rounds: text, seconds: text, onnx2c: text, help: { type: "boolean" } },
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const compiler = compilerHere();
if (typeof compiler === "string") throw new Error(compiler);
const on = machine();
const native = backend("native");
const data = await openDataset("letters");
const divided = new TrainingData(data, { split: {}, seed: 1 });
const rows = divided.division.split.test;
const images = { input: data.imageShape, classes: data.classNames };
const size = images.input.reduce((product, extent) => product * extent, 1);
const testImages = new Uint8Array(rows.length * size);
readImages(data, rows, testImages);

/** @param {string} name @returns {{ model: import("../../../dist/index.js").Model, settings?: object }} */
function modelOf(name) {
  if (name !== "mixed") {
    const { model, ...settings } = recipeTraining(recipe(name), { images, trainingImages: 10_000 });
    return { model, settings };
  }
  const model = network(images, [
    ...[conv2d(16, 4, { strides: 3, padding: "same" }), leakyRelu({ negativeSlope: 0.1 })],
    ...[conv2d(32, 3, { padding: "same", groups: 4 }), gelu(), depthwiseConv2d(2, { padding: "same" })],
    ...[maxPool2d(3, { strides: 2 }), flatten(), dense(images.classes.length)],
  ]);
  return { model };
}

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
/**
 * A model in C with peer.c around it.
 *
 * @param {string} folder
 * @param {string} name Of the program.
 * @param {string} included What declares the model.
 * @param {readonly string[]} defines
 * @param {readonly string[]} [sources]
 */
function compile(folder, name, included, defines, sources = []) {
  const program = join(folder, name);
  const given = [`-DINCLUDED="${included}"`, `-DSIZE=${size}`, `-DCLASSES=${images.classes.length}`, ...defines];
  const [command, ...flags] = commandFor(/** @type {Exclude<typeof compiler, string>} */ (compiler));
  const args = [...flags.map((flag) => flag.replace("-std=c99", "-std=gnu99")), `-I${folder}`, ...given];
  execFileSync(command, [...args, here("peer.c"), ...sources, "-o", program, "-lm"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return program;
}

/** Bytes of the variables of a source that are not constants. @param {string} folder @param {string} source */
function variableBytes(folder, source) {
  const object = join(folder, "object.o");
  execFileSync("cc", ["-O2", "-w", "-c", source, "-o", object]);
  const [, line = ""] = execFileSync("size", [object], { encoding: "utf8" }).split("\n");
  const [, dataBytes = 0, bss = 0] = line.trim().split(/\s+/).map(Number);
  return dataBytes + bss;
}

/** @param {string} name */
async function measure(name) {
  const folder = mkdtempSync(join(tmpdir(), "inkling-exports-"));
  try {
    const { model, settings = {} } = modelOf(name);
    const run = train(model, data, {
      ...settings,
      steps: Number(values.steps ?? 100),
      validateEvery: 0,
      backend: native,
    });
    const trained = await run.model();
    const at = (/** @type {string} */ file) => join(folder, file);
    const [scalar, simd] = [
      await exportC(trained, { name: "scalar" }),
      await exportC(trained, { name: "simd", simd: true }),
    ];
    for (const { name: file, contents } of [...scalar.files, ...simd.files]) writeFileSync(at(file), contents);
    const [wasm, relaxed] = [await exportWasm(trained), await exportWasm(trained, { relaxed: true })];
    writeFileSync(at("model.wasm"), wasm.bytes);
    writeFileSync(at("relaxed.wasm"), relaxed.bytes);
    mkdirSync(at("package"));
    const { files } = await exportPackage(trained, { name: "package" });
    for (const { name: file, contents } of files) writeFileSync(join(folder, "package", file), contents);
    writeFileSync(at("model.onnx"), await exportOnnx(trained));
    writeFileSync(at("images.u8"), testImages);
    writeFileSync(at("case.json"), JSON.stringify({ size, input: images.input, classes: images.classes.length }));

    /** @type {[string, string[]][]} */
    const contenders = [
      ["C", [compile(folder, "c", "scalar.h", ["-DLOGITS=scalar_logits"], [at("scalar.c")]), at("images.u8")]],
      ["C --simd", [compile(folder, "s", "simd.h", ["-DLOGITS=simd_logits"], [at("simd.c")]), at("images.u8")]],
      ["wasm", [process.execPath, here("wasmPeer.mjs"), folder, "model.wasm"]],
      ["wasm --relaxed", [process.execPath, here("wasmPeer.mjs"), folder, "relaxed.wasm"]],
      ["npm", [process.execPath, here("wasmPeer.mjs"), folder, "package"]],
      ["onnxruntime-web", [process.execPath, here("webPeer.mjs"), folder]],
    ];
    if (hasPython()) contenders.push(["ONNX Runtime", [python, script("exported_peer.py"), folder]]);
    let onnx2cBytes;
    if (values.onnx2c) {
      const source = execFileSync(values.onnx2c, ["-d", "batch:1", at("model.onnx")], { maxBuffer: 2 ** 28 });
      writeFileSync(at("onnx2c.c"), source);
      writeFileSync(
        at("onnx2c.h"),
        `${source}\nstatic float probabilities[1][CLASSES];\n#define LOGITS(pixels, logits) entry((void *)(pixels), (void *)(logits), probabilities)\n`,
      );
      contenders.push(["onnx2c", [compile(folder, "o", "onnx2c.h", []), at("images.u8")]]);
      onnx2cBytes = variableBytes(folder, at("onnx2c.c"));
    }

    const wanted = await trained.logits(testImages);
    const children = contenders.map(([, command]) => new Child(command));
    /** @type {{ name: string, logits: Float32Array, rates: number[] }[]} */
    const measured = [];
    for (const [k, child] of children.entries()) {
      const path = at(`logits-${k}`);
      await child.ask({ logits: path });
      const logits = new Float32Array(Uint8Array.from(readFileSync(path)).buffer);
      measured.push({ name: contenders[k][0], logits, rates: [] });
    }
    const rates = await takeTurns(
      children.map((child) => (/** @type {number} */ steps) => child.ask({ run: steps })),
      { rounds: Number(values.rounds ?? 5), seconds: Number(values.seconds ?? 0.4) },
    );
    for (const [k, child] of children.entries()) {
      measured[k].rates = rates[k];
      await child.end();
    }
    const code = ["index.js", "runtime.js"].map((file) => readFileSync(join(folder, "package", file)));
    return {
      name,
      sizes: {
        weights: [...trained.folded.weights.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
        wasm: wasm.bytes.length,
        packageCode: gzipSync(Buffer.concat(code), { level: 9 }).length,
        packageCodeAndModule: gzipSync(Buffer.concat([...code, moduleCode(wasm)]), { level: 9 }).length,
        ram: scalar.ramBytes,
        leastRam: scalar.leastRamBytes,
        onnx2cRam: onnx2cBytes,
      },
      measured: measured.map(({ logits, ...rest }) => ({ ...rest, ...agreement(wanted, logits) })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A module without its weights and names. @param {import("../../../dist/index.js").WasmExport} wasm */
const moduleCode = ({ bytes, flashBytes }) => {
  const module = Buffer.from(bytes);
  return module.subarray(0, module.length - flashBytes); // the data come last, before small custom sections
};

/** @param {Float32Array} wanted @param {Float32Array} logits */
function agreement(wanted, logits) {
  const classes = images.classes.length;
  let [difference, equal] = [0, 0];
  for (let at = 0; at < wanted.length; at += classes) {
    const [a, b] = [wanted.subarray(at, at + classes), logits.subarray(at, at + classes)];
    const largest = Math.max(...a.map(Math.abs));
    difference = Math.max(difference, ...a.map((value, k) => Math.abs(value - b[k]) / largest));
    if (a.indexOf(Math.max(...a)) === b.indexOf(Math.max(...b))) equal++;
  }
  return { difference, equal };
}

const all = ["lenet", "fast", "inception", "best", "mixed"];
/** @typedef {Awaited<ReturnType<typeof measure>>} Result @type {Result[]} */
const results = [];
for (const name of values.only?.split(",") ?? all) results.push(await measure(name));

const names = results[0].measured.map(({ name }) => name);
const of = (/** @type {Result} */ { measured }, /** @type {string} */ name) =>
  measured.find((found) => found.name === name);
const faster = (/** @type {string} */ own, /** @type {string} */ peer) => (/** @type {Result} */ result) => {
  const [a, b] = [of(result, own), of(result, peer)];
  return a && b ? `${speedup(a.rates, b.rates).toFixed(1)}×` : "";
};
const markdown = [
  `${describe(on)}; ${compiler.name}`,
  table(
    ["Largest relative difference of logits", ...results.map(({ name }) => `\`${name}\``)],
    names.map((name) => [
      name,
      ...results.map((result) => {
        const { difference = 0, equal = 0 } = of(result, name) ?? {};
        const answers = equal === rows.length ? "" : ` (${rows.length - equal} other answers)`;
        return `${difference === 0 ? "0" : difference.toExponential(1)}${answers}`;
      }),
    ]),
  ),
  table(
    ["Microseconds an image, one thread", ...results.map(({ name }) => `\`${name}\``)],
    names.map((name) => [name, ...results.map((result) => (1e6 / median(of(result, name)?.rates ?? [])).toFixed(1))]),
  ),
  table(
    ["Times as fast", ...results.map(({ name }) => `\`${name}\``)],
    [
      ["C --simd as ONNX Runtime", ...results.map(faster("C --simd", "ONNX Runtime"))],
      ["C as onnx2c", ...results.map(faster("C", "onnx2c"))],
      ["wasm as onnxruntime-web", ...results.map(faster("wasm", "onnxruntime-web"))],
      ["wasm --relaxed as onnxruntime-web", ...results.map(faster("wasm --relaxed", "onnxruntime-web"))],
    ],
  ),
  table(
    ["Bytes", ...results.map(({ name }) => `\`${name}\``)],
    /** @type {const} */ ([
      ["weights", "weights"],
      ["wasm", "wasm"],
      ["npm package: JavaScript, minified and gzipped", "packageCode"],
      ["the same with the code of its module", "packageCodeAndModule"],
      ["working memory of C", "ram"],
      ["lower bound on it", "leastRam"],
      ["variables of onnx2c's C", "onnx2cRam"],
    ]).map(([title, key]) => [title, ...results.map(({ sizes }) => sizes[key]?.toLocaleString("en") ?? "")]),
  ),
].join("\n\n");
publish("exports", markdown, { machine: on, images: rows.length, results }, values.only === undefined);
