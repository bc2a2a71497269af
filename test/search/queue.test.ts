import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enableRelaxedSimd } from "../../src/backends/node/enableRelaxedSimd.ts";
import { silentTerminal } from "../../src/cli/terminal.ts";
import { WorkerData } from "../../src/cli/worker/workerData.ts";
import { openRedis } from "../../src/search/node/queue/connect.ts";
import { QueueWorkers } from "../../src/search/node/queue/queueWorkers.ts";
import { serveQueue } from "../../src/search/node/queue/serveQueue.ts";
import { runTrial } from "../../src/search/node/trial.ts";
import { finish, Inkling } from "../cli/inkling.ts";
import { hasRedis, startRedis } from "./redis.ts";
import { data, found, Here, search } from "./tinyStudy.ts";

enableRelaxedSimd();

describe.skipIf(!hasRedis)("a search through a queue", () => {
  const folder = mkdtempSync(join(tmpdir(), "inkling-queue-"));
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let cli: Inkling;
  let address: string;
  beforeAll(async () => {
    redis = await startRedis(folder);
    address = `redis://:secret@127.0.0.1:${redis.port}`;
    process.env["INKLING_CACHE"] = join(folder, "cache");
    cli = new Inkling();
  });
  afterAll(() => {
    redis.server.kill("SIGKILL");
    cli.remove();
    rmSync(folder, { recursive: true });
  });

  it("finds what a search on one machine finds, after a worker was killed and Redis emptied", async () => {
    const [local, queued] = [join(folder, "local"), join(folder, "queued")];
    await search(local, new Here(2));
    const notes: string[] = [];
    const workers = await QueueWorkers.open(address, {
      ...{ count: 4, dataOf: () => data, data },
      onNote: (line) => notes.push(line),
    });
    // It reaches the server by TLS, where that can be had.
    const { secure } = redis;
    const toWorker = secure ? `rediss://:secret@127.0.0.1:${secure.port}` : address;
    const killed = cli.start(
      ["worker", toWorker, "--concurrency", "1", "--stalled-after", "1s"],
      secure && { NODE_EXTRA_CA_CERTS: secure.certificate },
    );
    const stop = new AbortController();
    const trained: string[] = [];
    const own = new WorkerData([], silentTerminal);
    const serve = () =>
      serveQueue(address, {
        async train({ task, folder, signal, onStep, ...errand }) {
          const { spec, steps } = task;
          const trial = await own.of({ task, folder, signal, onStep, ...errand });
          return runTrial({ spec, steps, folder }, trial, { threads: 1, signal, onStep });
        },
        stalledAfter: 1,
        signal: stop.signal,
        onEnd: ({ name }) => trained.push(name),
      });
    // The first trial begins on a worker that is killed in the middle of it.
    let serving: Promise<void> | undefined;
    let said = "";
    killed.stderr!.on("data", (chunk) => {
      said += chunk;
      if (!said.includes("training") || serving) return;
      killed.kill("SIGKILL");
      serving = serve();
    });
    const ended = finish(killed);
    let results = 0;
    const emptying = new Redis(address);
    await search(queued, workers, undefined, {
      onEnd: () => void (++results === 3 && emptying.flushall()),
    });
    await ended;
    expect(await found(queued)).toEqual(await found(local));
    expect(trained.length).toBeGreaterThanOrEqual(results - 1);
    expect([said, ...notes].join("\n")).not.toContain("secret");
    expect(await emptying.keys("inkling:piece:*")).toEqual([]);
    stop.abort();
    await serving;
    await workers.close();
    emptying.disconnect();
  });

  it("ends a worker of several processes with SIGTERM", async () => {
    const worker = cli.start(["worker", address, "--concurrency", "2"]);
    let said = "";
    worker.stderr!.on("data", (chunk) => {
      said += chunk;
      if (said.split("Waiting").length === 3) worker.kill("SIGTERM");
    });
    expect((await finish(worker)).code).toBe(0);
  });

  it("says how to trust a certificate, and nothing of the password", async ({ skip }) => {
    if (!redis.secure) skip();
    await expect(openRedis(`rediss://:secret@127.0.0.1:${redis.secure!.port}`)).rejects.toThrow(
      /^rediss:\/\/127\.0\.0\.1:\d+ cannot be reached: self-signed certificate; .* set NODE_EXTRA_CA_CERTS to/,
    );
  });
});
