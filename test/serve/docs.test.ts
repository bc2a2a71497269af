import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calibrateModel } from "../../src/evaluation/modelCalibration.ts";
import { encodeModel } from "../../src/runs/modelFile.ts";
import { finish, Inkling } from "../cli/inkling.ts";
import { modelWith, pictures } from "./server.ts";

// Every command of docs/serve.md is run, with a free port, and small models in place of those that it names.

const page = readFileSync(fileURLToPath(new URL("../../docs/serve.md", import.meta.url)), "utf8");
const lines = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => block!.trim().split("\n"));
const servers = lines.filter((line) => line.includes("npx inkling serve "));
const curls = lines.filter((line) => line.startsWith("curl "));
const hasCurl = spawnSync("curl", ["--version"]).status === 0;
const token = "0123456789abcdef0123456789abcdef";

const inkling = new Inkling();
beforeAll(() => {
  const model = modelWith(1);
  const classes = model.model.classes.length;
  // As if 600 validation images had been classified well, which is enough for any threshold.
  const labels = Array.from({ length: 600 }, (_, n) => n % classes);
  const logits = labels.flatMap((label) => Array.from({ length: classes }, (_, k) => (k === label ? 3 : 0)));
  const calibrated = model.with({ calibration: calibrateModel(logits, labels, classes) });
  for (const name of ["run.safetensors", "model.safetensors"])
    writeFileSync(join(inkling.cwd, name), encodeModel(calibrated));
  writeFileSync(join(inkling.cwd, "photo.jpg"), pictures[0]!);
});
afterAll(() => inkling.remove());

/** Starts the server of a line of the page; returns how to reach and to stop it. */
async function start(line: string) {
  const args = line
    .replace(/^.*npx inkling /, "")
    .replace("runs/lenet-letters-1", "run.safetensors")
    .replace(/ --port \d+/, "")
    .split(" ");
  const child = inkling.start(
    [...args, "--port", "0"],
    line.startsWith("INKLING_TOKEN=") ? { INKLING_TOKEN: token } : {},
  );
  const finished = finish(child);
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout!.on("data", (chunk) => resolve(/:(\d+)\//.exec(String(chunk))![1]!));
    void finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  return {
    port,
    async stop() {
      child.kill("SIGINT");
      return (await finished).code;
    },
  };
}

it("these are all commands of the page", () => {
  expect([servers.length, curls.length]).toEqual([3, 7]);
  expect(lines).toHaveLength(10);
});

describe.each(servers)("%s", (line) => {
  it("serves until Ctrl-C", async () => {
    const { port, stop } = await start(line);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect(await stop()).toBe(130);
  });
});

describe.skipIf(!hasCurl)("with curl, if it is there", () => {
  const withToken = curls.filter((line) => line.includes("$INKLING_TOKEN"));

  it.each([
    [servers[0]!, curls.filter((line) => !withToken.includes(line))],
    [servers[2]!, withToken],
  ])("%s answers the requests of the page", async (server, requests) => {
    const { port, stop } = await start(server);
    for (const line of requests) {
      const command = line
        .replaceAll(":8000", `:${port}`)
        .replace("curl ", "curl --silent --show-error --fail-with-body ");
      const env = { ...process.env, INKLING_TOKEN: token };
      const { code, stdout, stderr } = await finish(spawn("bash", ["-c", command], { cwd: inkling.cwd, env }));
      expect([line, code, stderr]).toEqual([line, 0, ""]);
      expect(JSON.parse(stdout)).toHaveProperty(line.includes("/v1/models") ? "models" : "pictures");
    }
    expect(await stop()).toBe(130);
  });
});
