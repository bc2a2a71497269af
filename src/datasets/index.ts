export * from "./dataset.ts";
export { decodePack, encodePack, type PackOptions } from "./pack.ts";
export * from "./tensors.ts";
