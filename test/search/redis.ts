import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";

/** Whether a Redis server is installed. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
if (!hasRedis) console.warn("redis-server is not installed: the tests of a queue on Redis are skipped");

/** A free port. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { readonly port: number };
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts a server, unless it does not know its arguments. */
async function start(args: readonly string[]): Promise<ChildProcess | undefined> {
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of server.stdout!) if ((text += chunk).includes("Ready to accept connections")) return server;
  return undefined;
}

/** Where a server is with TLS, and the certificate that it has. */
interface Secure {
  readonly port: number;
  readonly certificate: string;
}

/** A Redis server that keeps nothing, on free ports; `secure` if it has TLS and there is openssl to make a certificate with. */
export async function startRedis(
  folder: string,
): Promise<{ readonly port: number; readonly server: ChildProcess; readonly secure?: Secure }> {
  const port = await freePort();
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--requirepass", "secret"];
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
  ]);
  const securePort = await freePort();
  const server =
    made.status === 0 &&
    (await start([
      ...[...args, "--tls-port", `${securePort}`, "--tls-auth-clients", "no"],
      ...["--tls-cert-file", certificate, "--tls-key-file", key],
    ]));
  if (server) return { port, server, secure: { port: securePort, certificate } };
  console.warn("openssl or TLS in redis-server is missing: a queue is tested without TLS only");
  return { port, server: (await start(args))! };
}
