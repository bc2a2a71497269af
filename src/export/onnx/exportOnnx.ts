import { VERSION } from "../../base/formatVersion.ts";
import type { TrainedModel } from "../../evaluation/trainedModel.ts";
import { inferenceGraph } from "../../model/build.ts";
import { withoutWinograd } from "../../model/winograd.ts";
import { type Exportable, type ExportOptions, exportable, type GoldenVector, metadataOf } from "../exportable.ts";
import {
  elementTypes,
  type OnnxDimension,
  type OnnxMetadata,
  type OnnxValueInfo,
  OPSET,
  onnxModel,
} from "./messages.ts";
import { writeProbabilities } from "./probabilities.ts";
import { writeApplication } from "./rules.ts";
import { OnnxWriter } from "./writer.ts";

/** The version of the format that came with the operator set. */
const IR_VERSION = 8;

/**
 * A trained model as an ONNX file (opset 17, IR version 8).
 *
 * It reads `image`, bytes [batch, H, W, C] with any batch, and gives `logits` and `probabilities`, floats [batch, K].
 * Normalization of the pixels is part of it; batch normalization is folded, layers that only training needs are left out,
 * and convolutions by Winograd's algorithm are plain ones. Probabilities are the calibrated softmax of the logits. Class
 * names, the preparation of pictures, the checksum of the weights and golden vectors are in the metadata. Throws
 * `UNSUPPORTED` naming an op that has no ONNX form, such as an extension's.
 */
export async function exportOnnx(trained: TrainedModel, options: ExportOptions = {}): Promise<Uint8Array> {
  const shared = await exportable(trained, options);
  const model = withoutWinograd(shared.model); // ONNX's operators do not say how they are computed
  const graph = inferenceGraph(model);
  const exported = { ...shared, model, graph };
  const writer = new OnnxWriter(exported);
  for (const application of graph.graph.applications) writeApplication(writer, application);
  writeProbabilities(writer, exported.scaling, model.classes.length);
  const results = ["logits", "probabilities"].map((name) =>
    valueInfo(name, elementTypes.float, [batch, extent(model.classes.length)]),
  );
  const [height, width, channels] = model.input;
  const axes = [batch, extent(height, "DATA_FEATURE"), extent(width, "DATA_FEATURE"), extent(channels, "DATA_CHANNEL")];
  return onnxModel.encode({
    irVersion: IR_VERSION,
    producerName: "inkling",
    producerVersion: VERSION,
    graph: {
      node: writer.nodes,
      name: "classifier",
      initializer: writer.initializers,
      input: [valueInfo("image", elementTypes.uint8, axes, "IMAGE")],
      output: results,
    },
    operatorSets: [{ domain: "", version: OPSET }],
    metadata: onnxMetadata(exported),
  });
}

const extent = (value: number, denotation?: string): OnnxDimension => ({ value, parameter: undefined, denotation });
const batch: OnnxDimension = { value: undefined, parameter: "batch", denotation: "DATA_BATCH" };

const valueInfo = (
  name: string,
  elementType: number,
  dim: readonly OnnxDimension[],
  denotation?: string,
): OnnxValueInfo => ({ name, type: { tensorType: { elementType, shape: { dim } }, denotation } });

/** Keys that begin with Image are ONNX's own: https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md */
function onnxMetadata(exported: Exportable): readonly OnnxMetadata[] {
  const pixelFormat = ({ 1: "Gray8", 3: "Rgb8", 4: "Rgba8" } as Readonly<Record<number, string>>)[
    exported.model.input[2]
  ];
  const own = { ...metadataOf(exported), golden: exported.golden?.map(goldenJson) };
  const values = {
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`inkling.${key}`, value])),
    "Image.BitmapPixelFormat": pixelFormat,
    "Image.ColorSpaceGamma": pixelFormat && "SRGB",
    "Image.NominalPixelRange": "NominalRange_0_255",
  };
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === "string" ? value : JSON.stringify(value) }];
  });
}

const goldenJson = ({ label, pixels, logits }: GoldenVector) => ({
  label,
  pixels: btoa(Array.from(pixels, (pixel) => String.fromCharCode(pixel)).join("")),
  logits: [...logits],
});
