import { existsSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { type Backend, backend } from "../../backends/index.ts";
import { InklingError } from "../../base/error.ts";
import { quantity } from "../../base/format.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Classifier } from "../../evaluation/ensemble.ts";
import { loadDecoder } from "../../image/decoder.ts";
import type { WhichWeights } from "../../runs/node/record.ts";
import { createApp } from "../../serve/app.ts";
import type { Limits } from "../../serve/body.ts";
import { isLoopback } from "../../serve/guard.ts";
import { listen } from "../../serve/node/listen.ts";
import { interruptible } from "../interrupt.ts";
import { openClassifier } from "../openModel.ts";
import { createTerminal } from "../terminal.ts";
import "../../engine/node/setUp.ts";

/** The options of `inkling serve`, as commander gives them. */
export interface ServeCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly maxBody: number;
  readonly maxPictures: number;
  readonly queue: number;
  readonly timeout: number;
  readonly weights?: WhichWeights;
  readonly backend?: string;
}

/** A shorter token could be guessed. */
const SHORTEST_TOKEN = 16;

/** Serves models until SIGINT, SIGTERM or SIGHUP, then throws `ABORTED`, as every command that is stopped does. */
export async function serveCommand(names: readonly string[], options: ServeCommandOptions): Promise<void> {
  const { host, port, token, timeout: seconds } = options;
  const limits = checked(options);
  const terminal = createTerminal();
  const on = backend(options.backend);
  if (on.note !== undefined) terminal.note(on.note);
  const models = await openModels(names, on, options.weights);
  const serving = async (stopping: AbortSignal) => {
    const onError = (error: unknown) => terminal.note(error instanceof Error ? (error.stack ?? "") : String(error));
    const app = createApp({ models, limits, loopback: isLoopback(host), token, stopping, onError });
    const server = await listen({ fetch: app.fetch, host, port, seconds, silence: 2 * seconds });
    terminal.out(`Serving ${[...models.keys()].join(", ")} at ${server.url}`);
    if (!stopping.aborted) await new Promise((wake) => stopping.addEventListener("abort", wake, { once: true }));
    terminal.note("Stopping; requests that have arrived are answered first");
    return server.stop();
  };
  const arrived = await interruptible(serving, { unread: "ignore" });
  await Promise.all([...models.values()].map((model) => model.close()));
  throw new InklingError("ABORTED", `the server was stopped after ${quantity(arrived, "request")}`);
}

/** The limits. Throws `INVALID_ARGUMENT` for an option that is invalid, and without a token where it is required. */
function checked(options: ServeCommandOptions): Limits {
  const { host, port, token, maxBody, maxPictures, queue, timeout } = options;
  const invalid = (message: string) => new InklingError("INVALID_ARGUMENT", message);
  const counts = { "--max-body": maxBody, "--max-pictures": maxPictures, "--queue": queue };
  for (const [name, value] of Object.entries(counts))
    if (!Number.isInteger(value) || value < 1) throw invalid(`${name} is ${value}, expected a whole number above 0`);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw invalid(`--port is ${port}, expected a whole number from 0 to 65535`);
  if (!(timeout > 0) || timeout > 3600)
    throw invalid(`--timeout is ${timeout}, expected seconds above 0, at most 3600`);
  if (token === undefined && !isLoopback(host))
    throw invalid(
      `${host} can be reached from other machines: set a secret with --token or the variable INKLING_TOKEN`,
    );
  if (token !== undefined && !(token.length >= SHORTEST_TOKEN && /^[\x21-\x7e]+$/.test(token)))
    throw invalid(`--token must have at least ${SHORTEST_TOKEN} characters, all of them ASCII and without spaces`);
  return { bodyBytes: maxBody, pictures: maxPictures, requests: queue, seconds: timeout };
}

/** The models by name, compiled. Throws `INVALID_ARGUMENT` if two have the same name. */
async function openModels(
  given: readonly string[],
  on: Backend,
  weights: WhichWeights | undefined,
): Promise<ReadonlyMap<string, Classifier>> {
  const models = new Map<string, Classifier>();
  for (const text of given) {
    const { name, path } = named(text);
    if (models.has(name))
      throw new InklingError("INVALID_ARGUMENT", `two models are called ${name}; give one another name: NAME=${path}`);
    const trained = await openClassifier(path, on, weights);
    const size = sizeOf(trained.model.input);
    // The programs for one picture and for several, so that no request has to wait for them.
    for (const count of [1, 8, 32]) await trained.logits(new Uint8Array(count * size));
    models.set(name, trained);
  }
  await loadDecoder();
  return models;
}

/** NAME=PATH, or a path, whose last part is the name. */
function named(text: string): { readonly name: string; readonly path: string } {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1 && !existsSync(text)) return { name: text.slice(0, at), path: text.slice(at + 1) };
  const last = basename(resolve(text));
  return { name: /\.(safetensors|onnx)$/i.test(last) ? last.slice(0, -extname(last).length) : last, path: text };
}
