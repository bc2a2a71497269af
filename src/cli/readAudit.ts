import { type Audit, parseAudit } from "../audit/index.ts";
import { InklingError } from "../base/error.ts";
import { read } from "../base/node/readFile.ts";

/** The audit of a file. Throws `INVALID_DATA` unless it is of the images with this fingerprint, in this order. */
export async function readAudit(path: string, fingerprint: string, source: string): Promise<Audit> {
  const json = await read(path, `create an audit with: inkling data audit ${source} --out ${path}`);
  const audit = parseAudit(new TextDecoder().decode(json), path);
  if (audit.fingerprint === fingerprint) return audit;
  throw new InklingError(
    "INVALID_DATA",
    `${path} is an audit of different images than those now read from ${source}; audit it again, or read it with the same options as then`,
  );
}
