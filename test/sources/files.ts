import { deflateSync, gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

/** CRC-32 as PNG uses it; node:zlib has it only from Node 22. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

export function chunk(type: string, data: Uint8Array | readonly number[]): Buffer {
  const body = Buffer.concat([Buffer.from(type), Buffer.from(data)]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

/** Kinds of PNG pixels by the number that the format gives them. */
export const kinds = { gray: 0, rgb: 2, palette: 3, grayAlpha: 4, rgba: 6 } as const;

/** A PNG image of rows of bytes as the format stores them. */
export function png(
  width: number,
  rows: readonly (readonly number[])[],
  { kind = "gray" as keyof typeof kinds, depth = 8, chunks = [] as Buffer[] } = {},
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length, 4);
  header[8] = depth;
  header[9] = kinds[kind];
  const data = deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])));
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([signature, chunk("IHDR", header), ...chunks, chunk("IDAT", data), chunk("IEND", [])]);
}

/** A 2 × 2 gray PNG whose pixels follow from a number. */
export const grayPng = (n: number): Buffer =>
  png(2, [
    [n, (n + 1) % 256],
    [(n + 2) % 256, (n + 3) % 256],
  ]);

/** The smallest baseline JPEG with one component: 8 × 8 pixels of gray 128. */
export const grayJpeg: Buffer = Buffer.from(
  [
    "ffd8",
    `ffdb004300${"01".repeat(64)}`,
    "ffc0000b080008000801011100",
    `ffc4001400${"01"}${"00".repeat(15)}00`,
    `ffc4001410${"01"}${"00".repeat(15)}00`,
    "ffda0008010100003f00",
    "3f",
    "ffd9",
  ].join(""),
  "hex",
);

/** A tar archive of files, and of entries given by header, e.g. links. */
export async function tarOf(files: readonly (readonly [string | Partial<Header>, Uint8Array?])[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, bytes] of files) {
    const header = { mtime: new Date(0), ...(typeof name === "string" ? { name } : name) } as Header;
    archive.entry(header, Buffer.from(bytes ?? []));
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const part of archive as AsyncIterable<Uint8Array>) chunks.push(part);
  return Buffer.concat(chunks);
}

export const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes);
