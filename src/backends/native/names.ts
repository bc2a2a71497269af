/** C identifiers for arbitrary names: letters and digits are kept, and distinct names get distinct identifiers. */
export class Names {
  readonly #prefix: string;
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** The prefix avoids collisions with the C library, which has a `step`. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  of(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const clean = this.#prefix + name.replaceAll(/[^A-Za-z0-9]+/g, "_").replace(/_$/, "");
    let made = clean;
    for (let n = 2; this.#taken.has(made); n++) made = `${clean}_${n}`;
    this.#known.set(name, made);
    this.#taken.add(made);
    return made;
  }
}
