import { createInterface } from "node:readline";

/**
 * Answers each line of JSON on stdin with one: `{"logits": FILE}` by writing those of all images, `{"run": N}` with the
 * processor time that N images take, one after the other: what else the machine does counts least in it.
 *
 * @param {{ version: string, logits: (to: string) => Promise<void>, step: () => unknown }} contender
 */
export async function answer({ version, logits, step }) {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let reply;
    if (request.logits) {
      await logits(request.logits);
      reply = { version };
    } else {
      const started = process.cpuUsage();
      for (let k = 0; k < request.run; k++) await step();
      const { user, system } = process.cpuUsage(started);
      reply = { steps: request.run, seconds: Math.max(1, user + system) / 1e6 };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
