/** The README's program, as a user writes it, on the built-in letters and with that many steps. */
export const nodeProgram = (steps: number): string => `
import { network, conv2d, relu, dropout, maxPool2d, localResponseNormalization, flatten, dense, train, sgd, exponentialDecay } from "inkling";
import { openDataset } from "inkling/node";

const data = await openDataset("letters");
const model = network({ input: data.imageShape, classes: data.classNames }, [
  conv2d(16, 5), relu(), dropout(0.5), maxPool2d(2), localResponseNormalization({ depthRadius: 4 }),
  flatten(), dense(64), relu(), dense(data.classNames.length),
]);
const { signal } = new AbortController();
const run = train(model, data, { batchSize: 16, steps: ${steps}, optimizer: sgd(exponentialDecay(0.1, 100_000, 0.96)), seed: 1, signal });
for await (const event of run) if (event.type === "validation") console.log(event.step, event.accuracy);
const image = data.images.subarray(0, 28 * 28);
const letter = await (await run.model()).predict(image);
console.log(JSON.stringify(letter));
`;

/** The same in a page: the data come from elsewhere, a picture is one of a canvas, and there is a layer of its own. */
export const pageProgram = `
import { network, conv2d, relu, maxPool2d, flatten, dense, train, sgd, learnPreparation, encodeModel, decodeModel } from "inkling";
import { configure, defineLayer, defineOp, layerSchema, registerLayer } from "inkling/extend";
import { at, constant, elementwise, load, mul } from "inkling/ir";

const half = (from, to) => [elementwise(to, (i) => mul(constant(0.5), load(at(from, ...i))))];
const halveOp = defineOp()({
  name: "halve", inputs: ["x"], infer: ({ x }) => x, samples: [], reference() {},
  forward: ({ x }, y) => half(x, y),
  backward: { x: (_t, _y, dy, dx) => half(dy, dx) },
});
const halveType = defineLayer({
  type: "halve", schema: layerSchema("halve", {}), build: (builder, [x]) => builder.apply(halveOp, { x }, {}),
});
registerLayer(halveType);

const side = 12;
const count = 60;
const images = new Uint8Array(count * side * side);
for (let i = 0; i < count; i++) for (let p = 0; p < side; p++) images[i * side * side + (i % 2 ? p * side + 6 : 6 * side + p)] = 255 - i;
const data = {
  images, labels: Uint16Array.from({ length: count }, (_, i) => i % 2), imageShape: [side, side, 1], classNames: ["across", "down"],
  provenance: { source: "page", description: "bars" }, skipped: [],
};
const model = network({ input: data.imageShape, classes: data.classNames }, [conv2d(4, 3), relu(), configure(halveType, {}), maxPool2d(2), flatten(), dense(2)]);
const trained = await train(model, data, { batchSize: 8, steps: 30, optimizer: sgd(0.1) }).model();
const again = decodeModel(encodeModel(trained));
const picture = { width: side, height: side, data: new Uint8ClampedArray(side * side * 4) };
for (let p = 0; p < side; p++) picture.data.fill(255, (p * side + 6) * 4, (p * side + 7) * 4);
globalThis.answer = { ...(await again.predict(picture)), preparation: learnPreparation(data) };
`;
