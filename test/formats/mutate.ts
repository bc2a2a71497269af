/** A generator of numbers below n, the same for each seed (mulberry32). */
export function generator(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n) >>> 0;
  };
}

const telling = [0, 1, 0x7f, 0x80, 0xfe, 0xff, 0x20, 0x28, 0x2e, 0x30, 0x39, 0x0a, 0x22, 0x2c];

type Change = (bytes: Uint8Array, at: number, below: (n: number) => number) => Uint8Array;
const changes: readonly Change[] = [
  (bytes, at, below) => bytes.with(at, below(256)),
  (bytes, at, below) => bytes.with(at, bytes[at]! ^ (1 << below(8))),
  (bytes, at, below) => bytes.with(at, telling[below(telling.length)]!),
  (bytes, at, below) => bytes.slice().fill(telling[below(telling.length)]!, at, at + 1 + below(8)),
  (bytes, at) => bytes.slice(0, at),
  (bytes, at, below) => join(bytes.subarray(0, at), bytes.subarray(at + 1 + below(16))),
  (bytes, at, below) => join(bytes.subarray(0, at), bytes.subarray(below(bytes.length))),
  (bytes, at, below) => join(bytes.subarray(0, at), Uint8Array.of(below(256)), bytes.subarray(at)),
  (bytes, at, below) => {
    const from = below(bytes.length);
    return join(bytes.subarray(0, at), bytes.subarray(from, from + below(64)), bytes.subarray(at));
  },
];

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** The bytes with one to four changes. Small places, where headers are, are changed more often. */
export function mutate(bytes: Uint8Array, below: (n: number) => number): Uint8Array {
  let mutated: Uint8Array = Uint8Array.from(bytes);
  for (let left = 1 + below(4); left > 0 && mutated.length > 0; left--) {
    const near = below(2) === 0 ? Math.min(mutated.length, 128) : mutated.length;
    mutated = changes[below(changes.length)]!(mutated, below(near), below);
  }
  return mutated;
}
