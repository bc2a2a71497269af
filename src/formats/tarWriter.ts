import type { NamedBytes } from "./format.ts";

const BLOCK = 512;
/** The sizes in bytes of the header fields for a name and its leading folders. */
const [NAME, PREFIX] = [100, 155];
const encoder = new TextEncoder();

/**
 * A tar archive (POSIX ustar), in pieces. Owner, group and time are zero, so that the same files give the same
 * archive. A name that ustar cannot hold, because it is too long or not ASCII, is written in a pax extended header.
 */
export function* writeTar(files: Iterable<NamedBytes>): Generator<Uint8Array> {
  for (const { name, bytes } of files) {
    const short = shortName(name);
    if (short) yield header(...short, "0", bytes.length);
    else {
      const record = paxRecord("path", name);
      yield header("PaxHeader", "", "x", record.length);
      yield* padded(record);
      yield header("PaxHeader", "", "0", bytes.length);
    }
    yield* padded(bytes);
  }
  yield new Uint8Array(2 * BLOCK);
}

function* padded(bytes: Uint8Array): Generator<Uint8Array> {
  yield bytes;
  if (bytes.length % BLOCK !== 0) yield new Uint8Array(BLOCK - (bytes.length % BLOCK));
}

/** Splits a name into ustar's two fields, moving leading folders to the second until the rest fits. */
function shortName(path: string): readonly [name: string, prefix: string] | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ustar names are ASCII
  if (!/^[\x01-\x7f]*$/.test(path)) return undefined;
  let at = 0;
  while (path.length - at > NAME) {
    const slash = path.indexOf("/", at);
    if (slash < 0) return undefined;
    at = slash + 1;
  }
  return at - 1 > PREFIX ? undefined : [path.slice(at), path.slice(0, Math.max(0, at - 1))];
}

function header(name: string, prefix: string, type: string, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (text: string, at: number) => block.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")} `;
  put(name, 0);
  put(octal(0o644, 6), 100);
  put(octal(0, 6), 108);
  put(octal(0, 6), 116);
  put(octal(size, 11), 124);
  put(octal(0, 11), 136);
  put(" ".repeat(8), 148);
  put(type, 156);
  put("ustar\x0000", 257);
  put(octal(0, 6), 329);
  put(octal(0, 6), 337);
  put(prefix, 345);
  // The sum counts its own field as spaces.
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)}\0`, 148);
  return block;
}

/** The record `LENGTH KEY=VALUE\n`, whose length counts its own digits. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = encoder.encode(` ${key}=${value}\n`);
  let digits = 1;
  while (String(rest.length + digits).length > digits) digits++;
  return encoder.encode(`${rest.length + digits} ${key}=${value}\n`);
}
