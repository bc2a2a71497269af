export { decodeCheckpoint, encodeCheckpoint } from "./checkpointFile.ts";
export { decodeModel, encodeModel } from "./modelFile.ts";
export { decodeSafetensors, encodeSafetensors, type NamedTensor, type Safetensors } from "./safetensors.ts";
