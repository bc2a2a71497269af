const [SIDE, CLASSES, COUNT] = [28, 10, 500];

/** Class k is a bright bar in a noisy square, by a small generator of pseudo-random numbers. */
export function bars() {
  const images = new Uint8Array(COUNT * SIDE * SIDE);
  let state = 1;
  for (let i = 0; i < images.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const row = Math.floor(i / SIDE) % SIDE;
    const label = Math.floor(i / (SIDE * SIDE)) % CLASSES;
    images[i] = (state >>> 25) + (Math.floor((row * CLASSES) / SIDE) === label ? 128 : 0);
  }
  return {
    images,
    labels: Uint16Array.from({ length: COUNT }, (_, i) => i % CLASSES),
    imageShape: [SIDE, SIDE, 1],
    classNames: [..."ABCDEFGHIJ"],
    provenance: { source: "bars", description: "bars" },
    skipped: [],
  };
}
