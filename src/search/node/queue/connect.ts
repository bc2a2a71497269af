import { createRequire } from "node:module";
import { join } from "node:path";
import type * as BullMQ from "bullmq";
import type { Redis } from "ioredis";
import { InklingError } from "../../../base/error.ts";

/** The queue on Redis that searches hand their trials out through. */
export const QUEUE = "trials";
/** What every key begins with. */
export const PREFIX = "inkling";

/** Names of what is on Redis about a task: its run so far, and what came of it. */
export const stateOf = (id: string): string => `state:${id}`;
export const resultOf = (id: string): string => `result:${id}`;
/** The key that tells a worker to stop with a task, since no search waits for it. */
export const unwantedKey = (id: string): string => `${PREFIX}:unwanted:${id}`;

/** Milliseconds to wait for a server. */
const PATIENCE = 10_000;

/** Connections to a Redis server, or to one of those that speak its protocol, such as Valkey. */
export interface RedisAccess {
  readonly bullmq: typeof BullMQ;
  /** The address without its password. */
  readonly shown: string;
  /** A connection of its own. It is made again whenever it is lost; commands wait for it. */
  connect(): Redis;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Connects to a server by an address such as `redis://:PASSWORD@HOST:6379` or, with TLS, `rediss://…`. `onNote` is called with
 * what somebody should know: once when the connection is lost, and once when it is back. Throws `INVALID_ARGUMENT` for another
 * kind of address, `UNSUPPORTED` if a package is missing, and `NETWORK` if the server does not answer or refuses.
 */
export async function openRedis(address: string, onNote: (line: string) => void = () => {}): Promise<RedisAccess> {
  const shown = shownAddress(address);
  const { Redis } = load<typeof import("ioredis")>("ioredis");
  const bullmq = load<typeof BullMQ>("bullmq");
  const connections: Redis[] = [];
  let isReady = false;
  let isLost = false;
  const note = (isTrouble: boolean, line: string) => {
    if (!isReady || isTrouble === isLost) return;
    isLost = isTrouble;
    onNote(line);
  };
  const connect = (): Redis => {
    const redis = new Redis(address, { maxRetriesPerRequest: null });
    redis.on("error", (error) => note(true, `${shown}: ${problemIn(error)}; trying again`));
    redis.on("ready", () => note(false, "Connected again"));
    connections.push(redis);
    return redis;
  };
  const close = async () => {
    for (const redis of connections) redis.disconnect();
  };
  const first = connect();
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`it did not answer within ${PATIENCE / 1000} s`)), PATIENCE);
      first.once("ready", resolve);
      first.once("error", reject);
    });
    isReady = true;
    return { bullmq, shown, connect, close };
  } catch (cause) {
    await close();
    throw new InklingError(
      "NETWORK",
      `${shown} cannot be reached: ${problemIn(cause as Error)}; ${adviceOn(cause as Error)}`,
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** What went wrong; an error about several addresses of a host has no message of its own. */
const problemIn = (error: Error & { readonly code?: string }): string => error.message || error.code || "it is closed";

/** Codes of a certificate that no authority known to Node vouches for. */
const UNKNOWN_AUTHORITY = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

function adviceOn({ code = "" }: Error & { readonly code?: string }): string {
  if (UNKNOWN_AUTHORITY.includes(code))
    return "if the server is yours, set NODE_EXTRA_CA_CERTS to the file of its certificate or of its authority";
  return "is Redis or Valkey running there, with TLS for rediss:// or without for redis://, and are user and password right?";
}

/** An address without its password. Throws `INVALID_ARGUMENT`. */
export function shownAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && ["redis:", "rediss:"].includes(url.protocol) && url.hostname !== "") {
    url.password = "";
    url.search = "";
    return url.href;
  }
  throw new InklingError(
    "INVALID_ARGUMENT",
    "the address of a queue begins with redis:// or, with TLS, rediss://, such as redis://:PASSWORD@localhost:6379",
  );
}

/** A package that is only installed where it is needed: beside Inkling, or where the command is run. */
function load<T>(name: string): T {
  for (const from of [import.meta.url, join(process.cwd(), "command.js")])
    try {
      return createRequire(from)(name) as T;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    }
  throw new InklingError(
    "UNSUPPORTED",
    `a queue needs the packages bullmq and ioredis, of which ${name} is not installed; install both with: npm install bullmq ioredis`,
  );
}
