import { concatBytes } from "../base/bytes.ts";

/**
 * Text that is not UTF-8: names in archives and on disks, and tables that spreadsheets save. Nothing in such bytes says
 * which encoding they have, so it is guessed from all of them together, and the guess is stated.
 */

/** A character encoding. */
export interface Encoding {
  /** Its name, as in Encoding Standard where that has it. */
  readonly name: string;
  /** The text; undefined for bytes that are not text in it. */
  readonly decode: (bytes: Uint8Array) => string | undefined;
}

/**
 * The 128 characters after ASCII of encodings with one byte a character. The Encoding Standard lacks those of DOS, which
 * .zip archives have, and Node up to version 23 reads windows-1252 as Latin-1, unlike browsers.
 */
const tables = {
  cp437:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  cp850:
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
  "windows-1252":
    "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
} as const;

const table = (name: keyof typeof tables): Encoding => ({
  name,
  decode: (bytes) =>
    Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : tables[name][byte - 128])).join(""),
});

/** An encoding that the platform decodes; one that it lacks decodes nothing. */
const standard = (name: string): Encoding => ({
  name,
  decode(bytes) {
    try {
      return new TextDecoder(name, { fatal: true }).decode(bytes);
    } catch {
      return undefined;
    }
  },
});

const [cp437, cp850, windows1252] = [table("cp437"), table("cp850"), table("windows-1252")];
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 as text; undefined if the bytes are not UTF-8. */
function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const LONE = /[\udc80-\udcff]/gu;

/**
 * The name of a file as text, for a name that is UTF-8. In the part of a name between two "/" that is not, each byte
 * beyond ASCII becomes U+DC00 plus the byte, which no text contains (as in Python, PEP 383). So different names
 * remain different, and {@link nameBytes} gives the bytes back.
 */
export function nameOf(bytes: Uint8Array): string {
  const whole = utf8Text(bytes);
  if (whole !== undefined) return whole;
  const parts: string[] = [];
  for (let at = 0; at <= bytes.length; ) {
    const slash = bytes.indexOf(47, at);
    const end = slash < 0 ? bytes.length : slash;
    const part = bytes.subarray(at, end);
    parts.push(utf8Text(part) ?? undecodedName(part));
    at = end + 1;
  }
  return parts.join("/");
}

/** A name as {@link nameOf} makes it of bytes that are not UTF-8, for one that only happens to be UTF-8. */
export const undecodedName = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte < 128 ? byte : 0xdc00 + byte)).join("");

/** The bytes of a name that {@link nameOf} made. */
export function nameBytes(name: string): Uint8Array {
  const encoder = new TextEncoder();
  if (!isUndecoded(name)) return encoder.encode(name);
  return concatBytes(
    Array.from(name, (character) => {
      const code = character.codePointAt(0)!;
      return code >= 0xdc80 && code <= 0xdcff ? Uint8Array.of(code - 0xdc00) : encoder.encode(character);
    }),
  );
}

/** Whether a name that {@link nameOf} made is not UTF-8. */
export const isUndecoded = (name: string): boolean => name.search(LONE) >= 0;

/** A name with each byte that is not UTF-8 as `\xNN`. */
export const escapedName = (name: string): string =>
  name.replaceAll(LONE, (character) => `\\x${(character.codePointAt(0)! - 0xdc00).toString(16)}`);

/** How names that are not UTF-8 are read. */
export interface DecodedNames {
  /** The text of a name that {@link nameOf} made; bytes that are not decoded are escaped. */
  readonly textOf: (name: string) => string;
  readonly notes: readonly string[];
}

/** Guesses how to read names that are not UTF-8, all of them together (see {@link guessEncoding}). */
export function decodeNames(names: Iterable<string>, dos = false): DecodedNames {
  const parts = new Set<string>();
  for (const name of names)
    if (isUndecoded(name)) for (const part of name.split("/")) if (isUndecoded(part)) parts.add(part);
  if (parts.size === 0) return { textOf: (name) => name, notes: [] };
  const guess = guessEncoding(Array.from(parts, nameBytes), dos);
  const partOf = (part: string) => (isUndecoded(part) ? (guess?.decode(nameBytes(part)) ?? escapedName(part)) : part);
  const example = JSON.stringify(partOf(parts.values().next().value!));
  const how = guess ? `read as ${guess.name} (a guess)` : "with their bytes escaped";
  return {
    textOf: (name) => (isUndecoded(name) ? name.split("/").map(partOf).join("/") : name),
    notes: [`names that are not UTF-8 ${how}, such as ${example}`],
  };
}

/**
 * Guesses the encoding of texts that are not UTF-8, taken together; undefined if nothing is likely. Chinese (GBK), Japanese
 * (Shift JIS) and Russian are told by the bytes of their common characters; otherwise it is the encoding of Western Europe
 * in which the most bytes are letters, of Windows or (first, for `dos`) of DOS.
 */
export function guessEncoding(texts: readonly Uint8Array[], dos = false): Encoding | undefined {
  const decodes = ({ decode }: Encoding) => texts.every((text) => decode(text) !== undefined);
  const runs = texts.flatMap(highRuns);
  const likely = [
    ...(share(texts, japaneseBytes) > 0.7 ? [standard("shift_jis")] : []),
    ...(share(runs, chineseBytes) > 0.7 ? [standard("gbk")] : []),
  ].find(decodes);
  const bytes = runs.flatMap((run) => [...run]);
  const byLetters = dos ? [cp437, cp850, windows1252] : [windows1252, cp437, cp850];
  return likely ?? cyrillic(runs, bytes) ?? western(bytes, byLetters);
}

/** Successive bytes beyond ASCII. */
function highRuns(text: Uint8Array): Uint8Array[] {
  const runs: Uint8Array[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at]! < 128) continue;
    let end = at;
    while (end < text.length && text[end]! >= 128) end++;
    runs.push(text.subarray(at, end));
    at = end;
  }
  return runs;
}

/** The share of characters beyond ASCII that a test knows, as `[known, all]`. */
function share(texts: readonly Uint8Array[], count: (text: Uint8Array) => readonly [number, number]): number {
  let [known, all] = [0, 0];
  for (const text of texts) {
    const [k, n] = count(text);
    known += k;
    all += n;
  }
  return all === 0 ? 0 : known / all;
}

const within = (byte: number | undefined, low: number, high: number): boolean =>
  byte !== undefined && byte >= low && byte <= high;

/** In a run: pairs in the area of GB 2312, at least half of them among its 3,755 common characters. */
function chineseBytes(run: Uint8Array): readonly [number, number] {
  let common = 0;
  for (let at = 0; at < run.length; at += 2) {
    if (!within(run[at], 0xa1, 0xf7) || !within(run[at + 1], 0xa1, 0xfe)) return [0, run.length];
    if (within(run[at], 0xb0, 0xd7)) common++;
  }
  return [common * 4 >= run.length ? run.length : 0, run.length];
}

/**
 * In a text: kana, punctuation and common kanji. The second byte of a character may be an ASCII letter, so that words of
 * Western Europe in encodings of DOS look like it too; but there, other letters stand beside it.
 */
function japaneseBytes(text: Uint8Array): readonly [number, number] {
  const isLetter = (byte: number | undefined) => within(byte, 0x41, 0x5a) || within(byte, 0x61, 0x7a);
  let [known, all] = [0, 0];
  for (let at = 0; at < text.length; ) {
    if (text[at]! < 128) {
      at++;
      continue;
    }
    const start = at;
    let [inWord, count] = [0, 0];
    for (; at < text.length && text[at]! >= 128; at += 2, count++) if (isJapanese(text[at]!, text[at + 1])) inWord++;
    if (!isLetter(text[start - 1]) && !isLetter(text[at])) known += inWord;
    all += count;
  }
  return [known, all];
}

const isJapanese = (first: number, second: number | undefined): boolean =>
  (first === 0x81 && within(second, 0x40, 0xac)) ||
  (first === 0x82 && within(second, 0x9f, 0xf1)) ||
  (first === 0x83 && within(second, 0x40, 0x96)) ||
  (within(first, 0x88, 0x97) && within(second, 0x40, 0xfc));

/** Letters of Russian, lowercase and then uppercase, in its encodings. */
const russian: readonly (readonly [
  name: string,
  isLower: (byte: number) => boolean,
  isUpper: (byte: number) => boolean,
])[] = [
  ["windows-1251", (byte) => byte >= 0xe0 || byte === 0xb8, (byte) => within(byte, 0xc0, 0xdf) || byte === 0xa8],
  ["ibm866", (byte) => within(byte, 0xa0, 0xaf) || within(byte, 0xe0, 0xef), (byte) => within(byte, 0x80, 0x9f)],
  ["koi8-r", (byte) => within(byte, 0xc0, 0xdf) || byte === 0xa3, (byte) => byte >= 0xe0 || byte === 0xb3],
];

/** Words of Russian have no ASCII letters in them, unlike those of Western Europe; and few capitals. */
function cyrillic(runs: readonly Uint8Array[], bytes: readonly number[]): Encoding | undefined {
  if (bytes.length < 3 * runs.length) return undefined;
  const count = (test: (byte: number) => boolean) => bytes.filter(test).length;
  const scored = russian.map(([name, isLower, isUpper]) => ({
    name,
    lower: count(isLower),
    known: count(isLower) + count(isUpper),
  }));
  const [best] = scored.filter(({ known }) => known > 0.9 * bytes.length).sort((a, b) => b.lower - a.lower);
  return best && standard(best.name);
}

const LATIN = /^\p{Script=Latin}$/u;

function western(bytes: readonly number[], encodings: readonly Encoding[]): Encoding | undefined {
  const scored = encodings.map((encoding) => ({
    encoding,
    letters: bytes.filter((byte) => LATIN.test(encoding.decode(Uint8Array.of(byte)) ?? "")).length,
  }));
  const best = scored.reduce((most, next) => (next.letters > most.letters ? next : most));
  return best.letters * 2 > bytes.length ? best.encoding : undefined;
}
