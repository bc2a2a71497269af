import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, dirname } from "node:path";
import { whole } from "../../../base/format.ts";
import { removeRemains } from "../../../base/node/exchange.ts";
import { formats } from "../../../formats/formats.ts";
import { pack } from "../../../formats/pack.ts";
import { fingerprint, InklingError } from "../../../index.ts";
import { savePack } from "../../../node.ts";
import { checkNewFile } from "../../newFile.ts";
import { type OpeningOptions, openSource } from "../../openSource.ts";
import { createTerminal, printSummary } from "../../terminal.ts";

export interface PackCommandOptions extends OpeningOptions {
  readonly compress?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Writes a data set as one file. Throws `INVALID_ARGUMENT` if the file already exists, unless forced. */
export async function packCommand(source: string, file: string, options: PackCommandOptions): Promise<void> {
  const terminal = createTerminal({ json: options.json ?? false });
  refuseOtherFormat(file);
  await removeRemains(dirname(file), new Set([basename(file)]));
  checkNewFile(file, options.force ?? false);
  const dataset = await openSource(source, terminal, options);
  await savePack(dataset, file, options.compress === undefined ? {} : { compress: options.compress });
  const { bytes, sha256 } = await checksumOf(file);
  const images = dataset.labels.length;
  terminal.out(`${file}: ${whole(images)} images, ${dataset.classNames.length} classes, ${whole(bytes)} bytes`);
  terminal.out(`sha256  ${sha256}`);
  if (!options.json) return;
  const summary = {
    file,
    images,
    bytes,
    sha256,
    fingerprint: await fingerprint(dataset),
  };
  printSummary(summary);
}

/** Throws `INVALID_ARGUMENT` for a file name with another format's extension. */
function refuseOtherFormat(file: string): void {
  const extension = formats.flatMap(({ extensions }) => extensions).find((end) => file.endsWith(end));
  if (extension !== undefined && !pack.extensions.includes(extension))
    throw new InklingError(
      "INVALID_ARGUMENT",
      `${file}: data pack writes .inkling; inkling data export writes ${extension}`,
    );
}

async function checksumOf(file: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Uint8Array>) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
