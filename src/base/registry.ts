import { InklingError } from "./error.ts";
import { quoted } from "./printable.ts";

/** What plain data refer to by their `type`: layers, optimizers and the like. */
interface Typed {
  readonly type: string;
}

/** Thrown for an unknown type, such as one defined by an extension that is not loaded. */
export class UnknownTypeError extends InklingError {}

/** Whether a value is a name of letters, digits and _ that starts with a letter. */
export const isName = (name: unknown): name is string => typeof name === "string" && /^[A-Za-z]\w*$/.test(name);

/** The records of one kind: the built-in ones and those registered by extensions. */
export class Registry<T extends Typed> {
  readonly #kind: string;
  readonly #records: Map<string, T>;

  /** `kind` is what messages call a record, such as "layer". */
  constructor(kind: string, builtIn: readonly Typed[]) {
    this.#kind = kind;
    this.#records = new Map(builtIn.map((record) => [record.type, record as T]));
  }

  /** The record of a type. Throws `INVALID_MODEL`, naming the known types and how to load an extension. */
  get(type: unknown): T {
    const found = this.#records.get(type as string);
    if (found) return found;
    const known = [...this.#records.keys()].join(", ");
    throw new UnknownTypeError(
      "INVALID_MODEL",
      `unknown ${this.#kind} ${quoted(String(type))}; known ${this.#kind}s: ${known}; if an extension defines it, import the extension first (on the command line: --load PACKAGE)`,
    );
  }

  /** All records, the built-in ones first. */
  get all(): readonly T[] {
    return [...this.#records.values()];
  }

  /** Adds an extension's record. Throws `INVALID_ARGUMENT` if its type is already registered or is not a valid name. */
  add(record: Typed): void {
    const { type } = record;
    if (!isName(type))
      throw new InklingError(
        "INVALID_ARGUMENT",
        `${this.#kind} ${quoted(type)} cannot be registered: its type must be a name of letters, digits and _, beginning with a letter`,
      );
    if (this.#records.has(type))
      throw new InklingError(
        "INVALID_ARGUMENT",
        `${this.#kind} "${type}" is already registered; choose another type, or load the extension only once`,
      );
    this.#records.set(type, record as T);
  }
}
