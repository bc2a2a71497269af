/** The script of an engine's worker threads in Node. */
import { parentPort } from "node:worker_threads";
import { nativeLoad } from "../../backends/native/node/library.ts";
import { wasmLoad } from "../../backends/wasm/assembler.ts";
import { type Message, worker } from "../worker.ts";

const port = parentPort!;
const handle = worker({ wasm: wasmLoad, native: nativeLoad });
port.on("message", async (message: Message) => port.postMessage(await handle(message)));
