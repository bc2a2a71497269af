import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataset, recipe, train } from "../../dist/index.node.js";
import { serveStudio } from "../../tools/studio/serve.mjs";

/**
 * The studio in Firefox, over WebDriver BiDi: `npm run studio-firefox`. A link's settings are trained to the weights of Node,
 * exported, and found again after a reload. `FIREFOX` is its program; default: firefox-esr.
 */
const SETTINGS = { steps: 300, seed: 2 };
const SECONDS = 60;

const letters = readFileSync(new URL("../../data/letters.inkling", import.meta.url));
const wanted = await train(recipe("lenet"), await openDataset(letters), { ...SETTINGS, backend: "wasm" }).result();
const site = await serveStudio();
const profile = mkdtempSync(join(tmpdir(), "inkling-firefox-"));
const firefox = spawn(
  process.env["FIREFOX"] ?? "firefox-esr",
  ["--headless", "--profile", profile, "--remote-debugging-port", "0"],
  { stdio: ["ignore", "ignore", "pipe"] },
);
const address = await new Promise((resolve, reject) => {
  firefox.once("error", reject);
  let said = "";
  firefox.stderr.on("data", (text) => {
    said += text;
    const [found] = /ws:\/\/\S+/.exec(said) ?? [];
    if (found) resolve(found);
  });
});

const socket = new WebSocket(`${address}/session`);
await once(socket, "open");
let commands = 0;
/** @type {Map<number, (message: any) => void>} */
const waiting = new Map();
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  waiting.get(message.id)?.(message);
};
/** @param {string} method @param {object} params @returns {Promise<any>} */
const send = (method, params) =>
  new Promise((resolve, reject) => {
    const id = ++commands;
    waiting.set(id, ({ result, error, message }) =>
      error ? reject(new Error(`${error}: ${message}`)) : resolve(result),
    );
    socket.send(JSON.stringify({ id, method, params }));
  });

const { capabilities } = await send("session.new", { capabilities: {} });
const { contexts } = await send("browsingContext.getTree", {});
const { context } = contexts[0];
/** @param {string} expression */
const evaluate = async (expression) =>
  (await send("script.evaluate", { expression, target: { context }, awaitPromise: true })).result?.value;
/** Waits until an expression has a value, and returns it. @param {string} expression */
async function found(expression) {
  for (const end = Date.now() + 1000 * SECONDS; Date.now() < end; ) {
    const value = await evaluate(expression).catch(() => undefined);
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${expression} has no value after ${SECONDS} seconds`);
}

const weights = "document.querySelector('#weights')?.textContent";
const settings = { recipe: "lenet", ...SETTINGS, weights: wanted.weightsSha256 };
const fragment = new URLSearchParams(Object.entries(settings).map(([name, value]) => [name, String(value)]));
await send("browsingContext.navigate", { context, url: `${site.url}#${fragment}`, wait: "complete" });
const trained = await found(weights);
const said = await found("document.querySelector('.hash b')?.textContent");
const threads = await evaluate("document.querySelector('.status').textContent.match(/\\d+ threads?/)?.[0]");
await evaluate(
  "[...document.querySelectorAll('#ship button')].find((one) => one.textContent.startsWith('ONNX')).click()",
);
const exported = await found("document.querySelector('#ship p[role=status]').textContent");
await evaluate("history.replaceState(null, '', location.pathname); location.reload()");
const again = await found(weights);
console.log(`Firefox ${capabilities.browserVersion}: ${trained} on ${threads},${said}; ${exported}`);
if (trained !== wanted.weightsSha256 || again !== trained) {
  console.error(`Node: ${wanted.weightsSha256}; after a reload: ${again}`);
  process.exitCode = 1;
}
socket.close();
firefox.kill();
await once(firefox, "exit");
site.close();
rmSync(profile, { recursive: true, force: true });
