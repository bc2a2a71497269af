import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeModel } from "../../src/runs/modelFile.ts";
import { finish, Inkling } from "../cli/inkling.ts";
import { modelWith, pictures } from "./server.ts";

const inkling = new Inkling();
beforeAll(() => {
  writeFileSync(join(inkling.cwd, "small.safetensors"), encodeModel(modelWith(1)));
});
afterAll(() => inkling.remove());

/** A server that has started, at an address. */
async function start(...args: readonly string[]) {
  const child = inkling.start(["serve", "small.safetensors", "--port", "0", ...args]);
  const finished = finish(child);
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout!.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(text);
    });
    void finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  const url = /http:\S+/.exec(line)![0];
  return { child, finished, line, url, port: Number(new URL(url).port) };
}

const stopped = async (child: ChildProcess, finished: ReturnType<typeof finish>) => {
  child.kill("SIGTERM");
  return finished;
};

describe("inkling serve", () => {
  it("answers requests, refuses what is not HTTP, and stops at SIGTERM with its exit code", async () => {
    const { child, finished, line, url, port } = await start();
    expect(line).toMatch(/^Serving small at http:\/\/127\.0\.0\.1:\d+\/\n$/);
    const response = await fetch(`${url}v1/predict`, { method: "POST", body: pictures[0]! });
    expect(((await response.json()) as { pictures: unknown[] }).pictures).toHaveLength(1);

    const said = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(port, "127.0.0.1", () => socket.write("HELLO\r\n\r\n"));
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("close", () => resolve(text));
    });
    expect(said).toMatch(/^HTTP\/1\.1 400 .*\r\n/);
    expect(JSON.parse(said.split("\r\n\r\n")[1]!)).toEqual({
      error: { code: "INVALID_ARGUMENT", message: "this is not a valid HTTP request" },
    });

    const busy = await inkling.run("serve", "small.safetensors", "--port", String(port));
    expect([busy.code, busy.stderr]).toEqual([2, expect.stringContaining(`port ${port} is in use`)]);

    const { code, stderr } = await stopped(child, finished);
    expect(code).toBe(143);
    expect(stderr).toMatch(/the server was stopped after 1 request\n$/);
    await expect(fetch(url)).rejects.toThrow();
  });

  it("loses no request that has arrived when it stops under load", async () => {
    const { child, finished, port } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const counts = { answered: 0, refused: 0, lost: [] as string[] };
    /** One request; it is lost if the server took it and did not answer it in full. */
    const post = (n: number) =>
      new Promise<void>((resolve) => {
        const asked = request(
          { agent, port, host: "127.0.0.1", path: "/v1/predict", method: "POST" },
          (response: IncomingMessage) => {
            let text = "";
            response.on("data", (chunk) => {
              text += chunk;
            });
            response.on("close", () => {
              const isWhole =
                response.complete && response.statusCode === 200 && JSON.parse(text).pictures.length === 1;
              if (isWhole) counts.answered++;
              else counts.lost.push(`${response.statusCode} ${text}`);
              resolve();
            });
          },
        );
        asked.on("error", ({ code }: NodeJS.ErrnoException) => {
          // Reset before it was accepted, or refused: the port was closed. On a connection in use it would be lost.
          if (code === "ECONNREFUSED" || (code === "ECONNRESET" && !asked.reusedSocket)) counts.refused++;
          else counts.lost.push(String(code));
          resolve();
        });
        asked.end(pictures[n % pictures.length]);
      });
    const client = async (k: number) => {
      for (let n = k; counts.refused === 0; n++) await post(n);
    };
    const clients = Array.from({ length: 32 }, (_, k) => client(k));
    while (counts.answered < 200) await new Promise((resolve) => setTimeout(resolve, 10));
    const { code, stderr } = await stopped(child, finished);
    await Promise.all(clients);
    agent.destroy();
    expect(code).toBe(143);
    expect(counts.lost).toEqual([]);
    // Every request that arrived was answered, and every answer arrived.
    expect(stderr).toContain(`the server was stopped after ${counts.answered.toLocaleString("en-US")} requests\n`);
    expect(counts.refused).toBeGreaterThan(0);
  });

  it("answers as predict --json does", async () => {
    mkdirSync(join(inkling.data, "p"));
    writeFileSync(join(inkling.data, "p", "x.png"), pictures[3]!);
    const printed = await inkling.run(
      "predict",
      "small.safetensors",
      join(inkling.data, "p", "x.png"),
      "--json",
      "--explain",
    );
    const { child, finished, url } = await start();
    const form = new FormData();
    form.append(
      "picture",
      new File([readFileSync(join(inkling.data, "p", "x.png"))], join(inkling.data, "p", "x.png")),
    );
    const answer = await (await fetch(`${url}v1/predict?explain=true`, { method: "POST", body: form })).json();
    const { model: _, seconds: __, ...expected } = JSON.parse(printed.stdout.trim().split("\n").at(-1)!);
    expect(answer).toMatchObject(expected);
    expect((await stopped(child, finished)).code).toBe(143);
  });

  it.each([
    [["--host", "0.0.0.0"], "0.0.0.0 can be reached from other machines: set a secret with --token"],
    [["--host", "0.0.0.0", "--token", "short"], "--token must have at least 16 characters"],
    [["--token", "with spaces in it all"], "--token must have at least 16 characters"],
    [["--port", "70000"], "--port is 70000"],
    [["--queue", "0"], "--queue is 0, expected a whole number above 0"],
    [["--timeout", "0"], "--timeout is 0"],
    [["small=small.safetensors"], "two models are called small; give one another name: NAME=small.safetensors"],
    [["none.safetensors"], "none.safetensors does not exist"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await inkling.run("serve", "small.safetensors", ...args);
    expect(stderr).toContain(message);
    expect(code).not.toBe(0);
  });
});
