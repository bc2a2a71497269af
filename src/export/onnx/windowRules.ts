import { quoted } from "../../base/printable.ts";
import { sameShape } from "../../base/shape.ts";
import { averagePool2d, conv2d, type LayerConfig, maxPool2d, type WindowOptions } from "../../layers/index.ts";
import { type Padding, windowsOf } from "../../ops/window.ts";
import { kernelFromOnnx, type Pads, padsOf } from "./layout.ts";
import { type NodeReader, nameOf } from "./nodeReader.ts";
import type { NodeRule, OnnxReader } from "./reader.ts";

/** The attributes of how windows slide. */
const windowAttributes = ["strides", "pads", "auto_pad", "dilations"];

/** How a node's windows slide over an image [H,W,C], as a layer has it, and the extents [R,S] of what it gives. */
function slidingWindow(node: NodeReader, shape: readonly [number, number, number], size: readonly [number, number]) {
  const [x, op] = [[1, ...shape], `ONNX file: ${nameOf(node.node)}`];
  const [strides, rates] = [node.pair("strides", [1, 1]), node.pair("dilations", [1, 1])];
  const apart = { strides, ...(rates.some((rate) => rate !== 1) && { dilationRate: rates }) };
  const same = padsOf(op, x, size, { ...apart, padding: "same" });
  const pads = padsAt(node, same);
  const isCeiled = node.integer("ceil_mode", 0) === 1;
  const [bottom, right] = ([0, 1] as const).map((d) => {
    const end = pads[d + 2]!;
    if (!isCeiled) return end;
    // A last window may extend beyond the padding, unless it would start there.
    const [extent, inside] = [(size[d] - 1) * rates[d] + 1, pads[d] + shape[d]];
    const last = Math.min(Math.ceil((inside + end - extent) / strides[d]), Math.ceil(inside / strides[d]) - 1);
    return Math.max(end, last * strides[d] + extent - inside);
  });
  const extended = [pads[0], pads[1], bottom!, right!] as const;
  const padding = paddingOf(extended, same);
  const { rows, columns } = windowsOf(op, x, size, { ...apart, padding });
  return {
    options: { ...apart, padding },
    extents: [rows.output, columns.output],
    isPadded: pads.some((pad) => pad > 0),
    isExtended: !sameShape(pads, extended),
  };
}

/** A node's own padding, where that of SAME_UPPER is `same`. */
function padsAt(node: NodeReader, same: Pads): Pads {
  const automatic = node.text("auto_pad", "NOTSET");
  if (automatic === "VALID") return [0, 0, 0, 0];
  if (automatic === "SAME_UPPER") return same;
  // What is odd is padded before the image.
  if (automatic === "SAME_LOWER") return [same[2], same[3], same[0], same[1]];
  if (automatic !== "NOTSET") throw node.unsupported(`auto_pad is ${quoted(automatic)}`);
  const pads = node.integers("pads", 4, [0, 0, 0, 0]) as unknown as Pads;
  if (pads.some((pad) => pad < 0)) throw node.unsupported(`pads are ${pads.join(", ")}, expected none below 0`);
  return pads;
}

/** Padding as a layer has it, by its name where it has one. */
function paddingOf(pads: Pads, same: Pads): Padding {
  const [top, left, bottom, right] = pads;
  if (pads.every((pad) => pad === 0)) return "valid";
  if (sameShape(pads, same)) return "same";
  return [
    [top, bottom],
    [left, right],
  ];
}

/** MaxPool */
export const maxPooling: NodeRule = (reader, node) => pooling(reader, node, [], maxPool2d);

/** AveragePool */
export const averagePooling: NodeRule = (reader, node) =>
  pooling(reader, node, ["count_include_pad"], (size, options, isPadded) => {
    const isCounted = isPadded && node.integer("count_include_pad", 0) === 1;
    return averagePool2d(size, { ...options, ...(isCounted && { countIncludePad: true }) });
  });

function pooling(
  reader: OnnxReader,
  node: NodeReader,
  known: readonly string[],
  layer: (size: readonly [number, number], options: WindowOptions, isPadded: boolean) => LayerConfig,
): void {
  node.expectInputs(1);
  node.expectAttributes("kernel_shape", ...windowAttributes, "ceil_mode", ...known);
  const x = node.image(0);
  const size = node.pair("kernel_shape");
  const { options, extents, isPadded, isExtended } = slidingWindow(node, x.shape, size);
  if (isPadded && isExtended && node.integer("count_include_pad", 0) === 1)
    throw node.unsupported("counts its pads, but not what ceil_mode adds to them");
  reader.add(node, layer(size, options, isPadded), [x], [...extents, x.shape[2]]);
}

/** Conv */
export const convolution: NodeRule = (reader, node) => {
  node.expectInputs(2, 3);
  node.expectAttributes("kernel_shape", ...windowAttributes, "group");
  const x = node.image(0);
  const w = node.constant(1, 4);
  const [O, I, U, V] = w.dims as readonly [number, number, number, number];
  if (!sameShape(node.pair("kernel_shape", [U, V]), [U, V])) throw node.unsupported("kernel_shape is not the kernel's");
  const groups = node.integer("group", 1);
  if (I * groups !== x.shape[2] || O % groups !== 0)
    throw node.unsupported(`its kernel [${w.dims.join(", ")}] in ${groups} groups does not fit ${x.shape[2]} channels`);
  const { options, extents } = slidingWindow(node, x.shape, [U, V]);
  const useBias = node.inputs === 3;
  const layer = reader.add(node, conv2d(O, [U, V], { ...options, groups, useBias }), [x], [...extents, O]);
  reader.setWeight(`${layer}.kernel`, kernelFromOnnx(w.values, [O, I, U, V]));
  if (useBias) reader.setWeight(`${layer}.bias`, node.spread(2, O));
};

/** GlobalAveragePool: a window of the whole image. */
export const globalAveragePooling: NodeRule = (reader, node) => {
  node.expectInputs(1);
  node.expectAttributes();
  const x = node.image(0);
  const [height, width, channels] = x.shape;
  reader.add(node, averagePool2d([height, width]), [x], [1, 1, channels]);
};
