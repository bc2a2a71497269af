/**
 * Converts UTF-8 to Latin-1, which is how Python 3 writes bytes in protocol 2. Throws for characters above U+00FF.
 */
export function latin1Of(utf8: Uint8Array, broken: (problem: string) => Error): Uint8Array {
  let length = 0;
  for (let i = 0; i < utf8.length; i++) if ((utf8[i]! & 0xc0) !== 0x80) length++;
  const bytes = new Uint8Array(length);
  for (let i = 0, at = 0; i < utf8.length; i++) {
    const byte = utf8[i]!;
    if (byte < 0x80) bytes[at++] = byte;
    else {
      const next = utf8[++i] ?? 0;
      if ((byte !== 0xc2 && byte !== 0xc3) || (next & 0xc0) !== 0x80) throw broken("text that is not latin1");
      bytes[at++] = ((byte & 3) << 6) | (next & 0x3f);
    }
  }
  return bytes;
}

/** The length of {@link utf8Of}. */
export function utf8Length(bytes: Uint8Array): number {
  let length = bytes.length;
  for (let i = 0; i < bytes.length; i++) length += bytes[i]! >> 7;
  return length;
}

/** Converts Latin-1 to UTF-8. */
export function utf8Of(bytes: Uint8Array): Uint8Array {
  const utf8 = new Uint8Array(utf8Length(bytes));
  let at = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < 0x80) utf8[at++] = byte;
    else {
      utf8[at++] = 0xc0 | (byte >> 6);
      utf8[at++] = 0x80 | (byte & 0x3f);
    }
  }
  return utf8;
}
