import { createHash } from "node:crypto";
import type { Sha256 } from "../sha256.ts";

/** Bytes per call: OpenSSL refuses more than 2³¹. */
const AT_ONCE = 2 ** 30;

/** SHA-256 by node:crypto. */
export function nodeSha256(): Sha256 {
  const hash = createHash("sha256");
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length; at += AT_ONCE) hash.update(bytes.subarray(at, at + AT_ONCE));
    },
    digest: () => hash.digest("hex"),
  };
}
