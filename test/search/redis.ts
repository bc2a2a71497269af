import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** Whether a Redis server is installed. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
if (!hasRedis) console.warn("redis-server is not installed: the tests of a queue on Redis are skipped");

/** A Redis server that keeps nothing, on a free port. */
export async function startRedis(): Promise<{ readonly port: number; readonly server: ChildProcess }> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { readonly port: number };
  probe.close();
  await once(probe, "close");
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--requirepass", "secret"];
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of server.stdout!) if ((text += chunk).includes("Ready to accept connections")) break;
  return { port, server };
}
