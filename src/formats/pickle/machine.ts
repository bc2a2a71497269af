import { damaged, invalid } from "../format.ts";
import { build, calls, type PickleContext, types } from "./globals.ts";
import { MAX_NAME, PickleReader } from "./reader.ts";
import { nameOf, PickleDict, PickleGlobal, PickleList, type PickleValue } from "./values.ts";

/** Far more than a dict of six arrays needs. */
const MAX_STACK = 100_000;
const MAX_MEMO = 100_000;

/** A mark on the stack, which starts a group of values. */
const MARK = Symbol("mark");

/**
 * The stack machine that executes a pickle. It creates only values of the types in `values.ts`: nothing in a pickle is
 * ever imported or executed. Stack and memo are limited, every operation consumes at least one byte of the file, and calls
 * cannot allocate more bytes than the file has, so time and memory are bounded by its size.
 */
export class PickleMachine extends PickleReader {
  readonly #context: PickleContext;
  readonly #stack: (PickleValue | typeof MARK)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #made = 0;

  constructor(file: Uint8Array, what: string) {
    const broken = (problem: string) => damaged(what, problem);
    super(file, broken);
    const claim = (bytes: number) => {
      this.#made += bytes;
      if (this.#made > file.length) throw broken("its calls make more bytes than it has");
    };
    this.#context = { broken, what, claim };
  }

  protocol(version: number): void {
    if (version < 2 || version > 5)
      throw invalid(this.#context.what, `pickle protocol ${version} is not supported, only 2 to 5`);
  }

  // The stack

  push(value: PickleValue): void {
    this.#limit(this.#stack.length, MAX_STACK, "values at once");
    this.#stack.push(value);
  }
  mark(): void {
    this.#limit(this.#stack.length, MAX_STACK, "values at once");
    this.#stack.push(MARK);
  }
  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#context.broken("a value is missing");
    return value;
  }
  top(): PickleValue {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }
  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }
  popToMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw this.#context.broken("a mark is missing");
    const values = this.#stack.splice(mark + 1) as PickleValue[];
    this.#stack.pop();
    return values;
  }

  // The memo

  put(index: number): void {
    this.#limit(this.#memo.size, MAX_MEMO, "values in its memo");
    this.#memo.set(index, this.top());
  }
  memoize(): void {
    this.put(this.#memo.size);
  }
  get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#context.broken(`memo ${index} is empty`);
    this.push(value);
  }

  // Containers and calls

  append(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!(list instanceof PickleList))
      throw this.#context.broken("values are appended to something that is not a list");
    this.#limit(list.items.length + values.length, MAX_STACK, "values in a list");
    for (const value of values) list.items.push(value);
  }
  setItems(values: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof PickleDict) || values.length % 2 !== 0)
      throw this.#context.broken("items are set in something that is not a dict");
    this.#limit(dict.entries.size + values.length, MAX_STACK, "values in a dict");
    for (let i = 0; i < values.length; i += 2) {
      const key = nameOf(values[i]);
      if (key === undefined) throw this.#context.broken("a key is not text");
      dict.entries.set(key, values[i + 1]!);
    }
  }
  global(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (!Object.hasOwn(calls, full) && !types.has(full))
      throw invalid(
        this.#context.what,
        `it uses Python's ${full.slice(0, MAX_NAME)}, which is not allowed: only numpy arrays, dicts, lists, text and numbers are supported`,
      );
    this.push(new PickleGlobal(full));
  }
  stackGlobal(): void {
    const [module, name] = this.popMany(2).map(nameOf);
    if (module === undefined || name === undefined) throw this.#context.broken("a global has no name");
    this.global(module, name);
  }
  reduce(): void {
    const [callee, args] = this.popMany(2);
    const call = callee instanceof PickleGlobal ? calls[callee.name] : undefined;
    if (!call || !Array.isArray(args)) throw this.#context.broken("a call of what cannot be called");
    this.push(call(args, this.#context));
  }
  build(): void {
    const state = this.pop();
    build(this.top(), state, this.#context);
  }

  #limit(count: number, most: number, what: string): void {
    if (count >= most) throw this.#context.broken(`more than ${most} ${what}`);
  }
}
