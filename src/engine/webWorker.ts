/** The script of an engine's Web Workers. */
import { wasmLoad } from "../backends/wasm/assembler.ts";
import { type Message, worker } from "./worker.ts";

const handle = worker({ wasm: wasmLoad });
self.onmessage = async ({ data }: MessageEvent<Message>) => self.postMessage(await handle(data));
