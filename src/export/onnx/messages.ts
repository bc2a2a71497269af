import { bytes, float, integer, message, optional, repeated, text } from "./protobuf.ts";

/**
 * The messages of ONNX that exported models contain. Names and numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, IR version 8.
 */

/** A tensor with its values: as raw little-endian bytes, or one by one. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly dataType: number | undefined;
  readonly floatData: readonly number[];
  readonly int64Data: readonly number[];
  readonly name: string | undefined;
  readonly rawData: Uint8Array | undefined;
  /** 1 where the values are in another file. */
  readonly dataLocation: number | undefined;
}

export interface OnnxAttribute {
  readonly name: string | undefined;
  readonly f: number | undefined;
  readonly i: number | undefined;
  readonly s: Uint8Array | undefined;
  readonly t: OnnxTensor | undefined;
  readonly ints: readonly number[];
  readonly type: number | undefined;
}

/** Attributes of a node: a list is of integers, a number a float, `{ i }` an integer. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly i: number }>>;

export interface OnnxNode {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string | undefined;
  readonly opType: string | undefined;
  readonly attribute: readonly OnnxAttribute[];
  readonly domain: string | undefined;
}

/** An axis: its extent, or a name where that is known only when the model runs. */
export interface OnnxDimension {
  readonly value: number | undefined;
  readonly parameter: string | undefined;
  readonly denotation: string | undefined;
}

export interface OnnxShape {
  readonly dim: readonly OnnxDimension[];
}

export interface OnnxTensorType {
  readonly elementType: number | undefined;
  readonly shape: OnnxShape | undefined;
}

export interface OnnxType {
  readonly tensorType: OnnxTensorType | undefined;
  readonly denotation: string | undefined;
}

export interface OnnxValueInfo {
  readonly name: string | undefined;
  readonly type: OnnxType | undefined;
}

export interface OnnxGraph {
  readonly node: readonly OnnxNode[];
  readonly name: string | undefined;
  readonly initializer: readonly OnnxTensor[];
  readonly input: readonly OnnxValueInfo[];
  readonly output: readonly OnnxValueInfo[];
}

export interface OnnxOperatorSet {
  readonly domain: string | undefined;
  readonly version: number | undefined;
}

export interface OnnxMetadata {
  readonly key: string | undefined;
  readonly value: string | undefined;
}

export interface OnnxModel {
  readonly irVersion: number | undefined;
  readonly producerName: string | undefined;
  readonly producerVersion: string | undefined;
  readonly graph: OnnxGraph | undefined;
  readonly operatorSets: readonly OnnxOperatorSet[];
  readonly metadata: readonly OnnxMetadata[];
}

/** The operator set of exported models. */
export const OPSET = 17;

/** Numbers of element types. */
export const elementTypes = { float: 1, uint8: 2, int64: 7 } as const;
/** Numbers of types of attributes. */
export const attributeTypes = { float: 1, integer: 2, text: 3, integers: 7 } as const;

/** A tensor with its values, also as a file of its own. */
export const onnxTensor = message<OnnxTensor>({
  dims: repeated(1, integer),
  dataType: optional(2, integer),
  floatData: repeated(4, float),
  int64Data: repeated(7, integer),
  name: optional(8, text),
  rawData: optional(9, bytes),
  dataLocation: optional(14, integer),
});

const attribute = message<OnnxAttribute>({
  name: optional(1, text),
  f: optional(2, float),
  i: optional(3, integer),
  s: optional(4, bytes),
  t: optional(5, onnxTensor),
  ints: repeated(8, integer),
  type: optional(20, integer),
});

const node = message<OnnxNode>({
  input: repeated(1, text),
  output: repeated(2, text),
  name: optional(3, text),
  opType: optional(4, text),
  attribute: repeated(5, attribute),
  domain: optional(7, text),
});

const dimension = message<OnnxDimension>({
  value: optional(1, integer),
  parameter: optional(2, text),
  denotation: optional(3, text),
});

const valueInfo = message<OnnxValueInfo>({
  name: optional(1, text),
  type: optional(
    2,
    message<OnnxType>({
      tensorType: optional(
        1,
        message<OnnxTensorType>({
          elementType: optional(1, integer),
          shape: optional(2, message<OnnxShape>({ dim: repeated(1, dimension) })),
        }),
      ),
      denotation: optional(6, text),
    }),
  ),
});

const graph = message<OnnxGraph>({
  node: repeated(1, node),
  name: optional(2, text),
  initializer: repeated(5, onnxTensor),
  input: repeated(11, valueInfo),
  output: repeated(12, valueInfo),
});

/** A whole ONNX file. */
export const onnxModel = message<OnnxModel>({
  irVersion: optional(1, integer),
  producerName: optional(2, text),
  producerVersion: optional(3, text),
  graph: optional(7, graph),
  operatorSets: repeated(8, message<OnnxOperatorSet>({ domain: optional(1, text), version: optional(2, integer) })),
  metadata: repeated(14, message<OnnxMetadata>({ key: optional(1, text), value: optional(2, text) })),
});
