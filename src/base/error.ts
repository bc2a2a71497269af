import { printableLines } from "./printable.ts";

/** Stable codes for everything that a user can get wrong or a machine cannot do, with one line each for the docs. */
export const errorCodes = {
  INVALID_ARGUMENT: "an option or argument has an invalid value",
  INVALID_SHAPE: "tensor shapes are incompatible",
  INVALID_MODEL: "a model description is invalid",
  INVALID_DATA: "a data set, image or file has invalid contents",
  UNKNOWN_FORMAT: "a file has a format or format version that this version does not support",
  NOT_FOUND: "a file or folder does not exist",
  NOT_FINITE: "a loss, gradient or weight became infinite or NaN",
  UNSUPPORTED: "this machine or JavaScript engine does not support the request",
  NETWORK: "a file could not be fetched from any of its URLs",
  FILE_SYSTEM: "the file system refused a read or write",
  ABORTED: "the caller canceled the operation",
} as const;

/** The code of an error: one of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** An option that a message refers to: its path in the options of the library, and a value for it, if one is suggested. */
export interface OptionReference {
  readonly path: string;
  readonly value?: unknown;
}

/** A reference to an option, for {@link message}: `resize`, or with a value `resize: [28, 28]`. */
export const optionRef = (path: string, value?: unknown): OptionReference =>
  value === undefined ? { path } : { path, value };

/** What a message has between its words; options in a list are named one after another. */
type MessageValue = OptionReference | readonly OptionReference[] | string | number;

/** A message that refers to options, which every interface calls by its own names: the command line by its flags. */
export class Message {
  readonly #strings: readonly string[];
  readonly #values: readonly MessageValue[];

  constructor(strings: readonly string[], values: readonly MessageValue[]) {
    this.#strings = strings;
    this.#values = values;
  }

  /** The text, with options as `nameOf` calls them; where it returns undefined, as the library does. */
  text(nameOf: (option: OptionReference) => string | undefined = () => undefined): string {
    const name = (option: OptionReference) => nameOf(option) ?? inLibrary(option);
    const words = this.#values.map((value) =>
      typeof value === "object" ? [value].flat().map(name).join(", ") : String(value),
    );
    return this.#strings.map((piece, i) => piece + (words[i] ?? "")).join("");
  }
}

/** A message of some 2,000 characters at most, whatever a file has put into it: without its middle, since its end says what to do. */
const bounded = (text: string): string => (text.length <= 2000 ? text : `${text.slice(0, 1500)} … ${text.slice(-500)}`);

/** A message as it is shown anywhere: no file can move the cursor by it, or change the direction of text. */
const shown = (text: string): string => bounded(printableLines(text));

const inLibrary = ({ path, value }: OptionReference): string =>
  value === undefined ? path : `${path}: ${JSON.stringify(value).replaceAll(",", ", ")}`;

/** A template for messages that refer to options: message`set ${optionRef("resize", [28, 28])}`. */
export const message = (strings: TemplateStringsArray, ...values: readonly MessageValue[]): Message =>
  new Message(strings, values);

/**
 * The only error class that the library throws. It has a stable `code`, and its message says what to do, in words of the
 * library.
 */
export class InklingError extends Error {
  readonly code: ErrorCode;
  readonly #message: string | Message;

  /** `options.cause` is the underlying error, if any. */
  constructor(code: ErrorCode, message: string | Message, options?: ErrorOptions) {
    super(shown(typeof message === "string" ? message : message.text()), options);
    this.name = "InklingError";
    this.code = code;
    this.#message = message;
  }

  /**
   * The message with the names that an interface has for options. An error that quotes the message of its cause quotes it
   * in these words, too.
   */
  messageWith(nameOf: (option: OptionReference) => string | undefined): string {
    if (typeof this.#message !== "string") return shown(this.#message.text(nameOf));
    const { cause, message } = this;
    return cause instanceof InklingError ? message.replace(cause.message, () => cause.messageWith(nameOf)) : message;
  }
}

/** What a value is, for a message: `undefined`, `a string`, `a Float32Array`. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return `${value}`;
  // By tag, since the arrays of another frame are of another class.
  const name = typeof value === "object" ? {}.toString.call(value).slice(8, -1) : typeof value;
  return `a${/^[ao]/i.test(name) ? "n" : ""} ${name}`;
}

/** Throws `ABORTED` if the signal is aborted; `path` is what was being read. */
export function throwIfAborted(signal: AbortSignal | undefined, path: string): void {
  if (signal?.aborted) throw new InklingError("ABORTED", `reading ${path} was stopped`, { cause: signal.reason });
}
