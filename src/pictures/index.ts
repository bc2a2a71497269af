export type { Picture } from "../image/picture.ts";
export { type Preparation, type PrepareOptions, parsePreparation, resizeOnly } from "./preparation.ts";
export { type PreparedPicture, preparePicture } from "./prepare.ts";
