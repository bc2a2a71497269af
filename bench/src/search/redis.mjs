import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** A free port of this machine. */
export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, "close");
  return port;
}

/** A Redis server that keeps nothing on disk. @param {number} port */
export async function startRedis(port) {
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", ""];
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of server.stdout) {
    text += chunk;
    if (text.includes("Ready to accept connections")) break;
  }
  return server;
}
