import { openDataset, PortableRun, recipe } from "inkling";
import { trainInWorker } from "inkling/browser";
import letters from "inkling/data/letters.inkling?url";
import { pageWith } from "./inWorker.js";
import { openSource } from "./openSource.js";
import { trainSeed } from "./seedTraining.js";

/** Trains in the page itself, or in a worker of its own, which the page does not wait for. */
globalThis.trainSeed = (options, inWorker) => (inWorker ? inWorkerOf({ training: options }) : trainSeed(options));

Object.assign(globalThis, pageWith({ trainInWorker, recipe, PortableRun }));

/** What the user has chosen or dropped last. */
let files;
for (const input of document.querySelectorAll("input"))
  input.onchange = () => {
    files = input.files;
  };
document.ondrop = (event) => {
  files = event.dataTransfer.files;
};

/** Drops what has been chosen, as a user would drop it from another window. */
globalThis.dropFiles = () => {
  const dataTransfer = new DataTransfer();
  for (const file of files) dataTransfer.items.add(file);
  files = undefined;
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
};

/** Opens the files, in the page or in a worker. */
globalThis.openFiles = async ({ how, options, streamed, inWorker }) => {
  const source = how === "handle" ? await handleOf(files) : inWorker ? sentFiles() : files;
  return inWorker ? inWorkerOf({ opening: { source, options, streamed } }) : openSource({ source, options, streamed });
};

/** Opens the built-in letters by their address. */
globalThis.openLetters = (inWorker) => {
  const source = new URL(letters, location.href);
  return inWorker ? inWorkerOf({ opening: { source: source.href } }) : openSource({ source });
};

/** Trains on the file that was dropped. */
globalThis.trainOnFiles = async (options) => trainSeed(options, await openDataset(files));

/** Files as they can be sent to a worker: a folder's lose their paths otherwise. */
function sentFiles() {
  if (!files[0].webkitRelativePath) return [...files];
  return new Map(
    [...files].map((file) => [file.webkitRelativePath.slice(file.webkitRelativePath.indexOf("/") + 1), file]),
  );
}

/** A folder of the File System API with these files, in the storage that belongs to the page. */
async function handleOf(all) {
  const root = await navigator.storage.getDirectory();
  for (const file of all) {
    const parts = file.webkitRelativePath.split("/");
    let folder = root;
    for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part, { create: true });
    const writable = await (await folder.getFileHandle(parts.at(-1), { create: true })).createWritable();
    await file.stream().pipeTo(writable);
  }
  return root.getDirectoryHandle(all[0].webkitRelativePath.split("/")[0]);
}

function inWorkerOf(task) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { result, error } }) => (result ? resolve(result) : reject(new Error(error)));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(task);
  }).finally(() => worker.terminate());
}
