import { InklingError } from "../../base/error.ts";
import { quotation, quoted } from "../../base/printable.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { elementTypes, type OnnxTensor } from "./messages.ts";
import { damaged } from "./protobuf.ts";

/** A tensor of constants. */
export interface Constant {
  readonly dims: Shape;
  readonly values: Float32Array;
}

/** The constants of a graph, read when they are asked for. */
export class Constants {
  readonly #tensors: Map<string, OnnxTensor>;

  constructor(tensors: readonly OnnxTensor[]) {
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name ?? "", tensor]));
  }

  /** The number of values in the file. */
  get size(): number {
    const sizes = [...this.#tensors.values()].map(
      ({ rawData, floatData }) => floatData.length + (rawData?.length ?? 0) / 4,
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  tensor(name: string): OnnxTensor | undefined {
    return this.#tensors.get(name);
  }

  set(name: string, tensor: OnnxTensor): void {
    this.#tensors.set(name, tensor);
  }

  /** A list of integers, if it is one. */
  integers(name: string): readonly number[] | undefined {
    const { dataType, rawData, int64Data = [] } = this.#tensors.get(name) ?? {};
    if (dataType !== elementTypes.int64) return undefined;
    if (!rawData) return int64Data;
    if (rawData.length % 8 !== 0) throw damaged(`${quoted(name)} has ${rawData.length} bytes, expected integers of 8`);
    return Array.from(new BigInt64Array(rawData.slice().buffer), Number);
  }

  /** Throws `INVALID_DATA` where its values do not fit its shape, `UNSUPPORTED` where they are not float32 or elsewhere. */
  get(name: string): Constant | undefined {
    const tensor = this.#tensors.get(name);
    if (!tensor) return undefined;
    const { dims, dataType, rawData, floatData, dataLocation } = tensor;
    if (dataLocation)
      throw new InklingError(
        "UNSUPPORTED",
        `ONNX file: ${quoted(name)} is in another file; save the model as one file`,
      );
    if (dataType !== elementTypes.float)
      throw new InklingError(
        "UNSUPPORTED",
        `ONNX file: ${quoted(name)} has element type ${dataType}, expected 1, float`,
      );
    const bytes = rawData ?? new Uint8Array(Float32Array.from(floatData).buffer);
    if (dims.some((extent) => extent < 1) || sizeOf(dims) * 4 !== bytes.length)
      throw damaged(`${quoted(name)} has ${bytes.length} bytes, expected ${quotation(dims.join("×"))} floats`);
    return { dims, values: new Float32Array(bytes.slice().buffer) };
  }
}
