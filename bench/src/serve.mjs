import { createInterface } from "node:readline";

/**
 * What a case is run with. `results` are the losses of the first steps or the logits of the first batch; without them
 * nothing is compared.
 *
 * @typedef {object} Runner
 * @property {string} version
 * @property {string} [variant]
 * @property {number} parameters
 * @property {readonly number[]} [results]
 * @property {(steps: number) => Promise<{ steps: number, seconds: number }>} run That many steps, or a few more.
 * @property {() => Promise<void>} [close]
 *
 * @typedef {{ readonly folder: string, readonly mode: string, readonly batchSize: number }} Request
 */

/** What a contender cannot do; its row is left out. */
export class Unsupported extends Error {}

/**
 * Serves cases to the end of the input: the contender's side of the protocol, as peers/protocol.py.
 *
 * @param {(request: Request) => Promise<Runner>} prepare
 */
export async function serve(prepare) {
  /** @type {Runner | undefined} */
  let runner;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let reply;
    try {
      if (request.prepare) {
        await runner?.close?.();
        runner = await prepare(request.prepare);
        const { version, variant, parameters, results } = runner;
        reply = { version, variant, parameters, results };
      } else reply = await /** @type {Runner} */ (runner).run(request.run);
    } catch (error) {
      const message = error instanceof Error ? error.message : `${error}`;
      reply = error instanceof Unsupported ? { unsupported: message } : { error: message };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  await runner?.close?.();
}

/** Runs steps one after the other, and times them. @param {(step: number) => unknown} step */
export const timed = (step) => {
  let next = 0;
  return async (/** @type {number} */ steps) => {
    const started = performance.now();
    for (const end = next + steps; next < end; next++) await step(next);
    return { steps, seconds: (performance.now() - started) / 1000 };
  };
};
