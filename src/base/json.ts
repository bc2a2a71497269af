/** How large JSON may be. */
interface JsonLimits {
  /** Levels of lists and objects. Default: 64. */
  readonly depth?: number;
  /** Values in all. Default: 2²⁰. */
  readonly values?: number;
}

/** The most characters: 64 Mi. */
const MAX_LENGTH = 2 ** 26;

/**
 * Parses JSON that others wrote. A small text can become a hundred times its size in memory, and code that follows its
 * nesting can overflow the stack, so its size, depth and number of values are checked first. Throws a `SyntaxError`.
 */
export function parseJsonText(
  text: string,
  { depth: most = 64, values: mostValues = 2 ** 20 }: JsonLimits = {},
): unknown {
  if (text.length > MAX_LENGTH)
    throw new SyntaxError(`it has ${text.length} characters, more than the limit of ${MAX_LENGTH}`);
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at + 1);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      values++;
      if (++depth > most) throw new SyntaxError(`it is nested more than ${most} levels deep`);
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
    else if (code === COMMA) values++;
    if (values > mostValues) throw new SyntaxError(`it has more than ${mostValues} values`);
  }
  return JSON.parse(text);
}

/** The object that JSON of others describes, as {@link parseJsonText} parses it; undefined if it is not valid, or not of an object. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json = parseJsonText(text);
    return typeof json === "object" && json !== null && !Array.isArray(json)
      ? (json as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The place of the closing quote, or the end of a text that has none. */
function endOfString(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) break;
  }
  return at;
}
