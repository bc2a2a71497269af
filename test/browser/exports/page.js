import { decodeModel, exportC, exportCard, exportOnnx, exportPackage, exportWasm } from "inkling";

const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const sha256 = async (contents) => {
  const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** The hashes of all exported files of a model, by name, given the bytes of its file and what the command is told. */
globalThis.exportAll = async (model, { golden, ...about }) => {
  const trained = decodeModel(bytesOf(model));
  const options = {
    ...about,
    golden: golden.map(({ label, pixels, logits }) => {
      return { label, pixels: bytesOf(pixels), logits: Float32Array.from(logits) };
    }),
  };
  const files = [
    { name: "model.onnx", contents: await exportOnnx(trained, options) },
    ...(await exportC(trained, options)).files,
    { name: "model.wasm", contents: (await exportWasm(trained, options)).bytes },
    { name: "relaxed.wasm", contents: (await exportWasm(trained, { ...options, relaxed: true })).bytes },
    { name: "CARD.md", contents: await exportCard(trained, options) },
    ...(await exportPackage(trained, { ...options, name: "letters" })).files.map(({ name, contents }) => {
      return { name: `letters/${name}`, contents };
    }),
  ];
  return Object.fromEntries(await Promise.all(files.map(async ({ name, contents }) => [name, await sha256(contents)])));
};
