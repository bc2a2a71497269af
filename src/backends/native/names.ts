/** C identifiers for names that may hold any characters: letters and digits stay, and no two names become one. */
export class Names {
  readonly #prefix: string;
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** The prefix keeps the identifiers apart from those of C's library, which has a `step`. */
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
