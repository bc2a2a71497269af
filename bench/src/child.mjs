import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A contender in a process of its own, which answers each line of JSON with one. */
export class Child {
  #process;
  #lines;
  /** The last of what it said of its troubles. */
  #complaints = "";

  /** @param {readonly string[]} command @param {NodeJS.ProcessEnv} [environment] */
  constructor([file = "", ...args], environment = process.env) {
    this.#process = spawn(file, args, { env: environment, stdio: ["pipe", "pipe", "pipe"] });
    this.#process.on("error", (error) => (this.#complaints += error.message));
    this.#process.stderr.on("data", (/** @type {Buffer} */ text) => {
      this.#complaints = (this.#complaints + text).slice(-2000);
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Throws what the contender printed where it ends instead of answering. @param {object} request */
  async ask(request) {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`the process ended: ${this.#complaints.trim()}`);
    const reply = JSON.parse(value);
    if (reply.error) throw new Error(`${reply.error}\n${this.#complaints.trim()}`);
    return reply;
  }

  /** Ends the process, and waits for that. */
  async end() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end();
    const killed = setTimeout(() => this.#process.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(killed);
  }
}
