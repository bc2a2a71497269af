import { InklingError } from "../base/error.ts";

const utf8 = new TextDecoder();

/** What is wrong with an archive; the caller, who knows its name, says the rest. */
export const damagedTar = (problem: string): InklingError => new InklingError("INVALID_DATA", problem);

/** The text in a field: up to its first zero byte. */
export function text(bytes: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && bytes[end] !== 0) end++;
  return utf8.decode(bytes.subarray(at, end));
}

/** The name in the header itself: POSIX's has the folders in front of it in a second field. */
export function shortName(header: Uint8Array): string {
  const name = text(header, 0, 100);
  // A zero byte after "ustar" is POSIX's; GNU has a space, and other things in that field.
  if (header[345] === 0 || header[257] !== 0x75 || header[262] !== 0) return name;
  return `${text(header, 345, 155)}/${name}`;
}

/** A number of a header: octal digits, or, where the top bit of its first byte is set, base 256. */
export function headerNumber(header: Uint8Array, at: number, length: number): number {
  let value = 0;
  if (header[at]! & 0x80) {
    value = header[at]! & 0x7f;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + header[i]!;
  } else
    for (let i = at; i < at + length; i++) {
      const byte = header[i]!;
      if (byte === 0 || byte === 32) {
        if (value > 0) break;
        continue;
      }
      if (byte < 48 || byte > 55) throw damagedTar("a number of a header is not octal");
      value = value * 8 + byte - 48;
    }
  if (!Number.isSafeInteger(value)) throw damagedTar(`an entry of ${value} bytes`);
  return value;
}

/** Whether the header's bytes, with its checksum taken as eight spaces, add up to that checksum. */
export function sumIsRight(header: Uint8Array): boolean {
  let sum = 256;
  for (let i = 0; i < 148; i++) sum += header[i]!;
  for (let i = 156; i < 512; i++) sum += header[i]!;
  return sum === headerNumber(header, 148, 8);
}

/** Whether bytes begin as an archive from before POSIX does, which only the sum of its first header shows. */
export function isOldTar(head: Uint8Array): boolean {
  try {
    return head.length >= 512 && sumIsRight(head);
  } catch {
    return false;
  }
}

/** The records `LENGTH KEY=VALUE\n` of a POSIX extended header. */
export function parsePax(bytes: Uint8Array): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(32, at);
    const digits = space < 0 || space - at > 8 ? "" : text(bytes, at, space - at);
    const length = /^\d+$/.test(digits) ? Number(digits) : 0;
    if (length <= digits.length + 1 || at + length > bytes.length) throw damagedTar("an extended header is cut off");
    const record = text(bytes, space + 1, at + length - 1 - (space + 1));
    const equals = record.indexOf("=");
    if (equals < 1) throw damagedTar("an extended header has no name");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
