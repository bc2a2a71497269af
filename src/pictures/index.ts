export { type CheckedPicture, checkPicture, type Picture } from "../image/picture.ts";
export { flatten } from "./flatten.ts";
export { type Preparation, type PrepareOptions, parsePreparation, resizeOnly } from "./preparation.ts";
export { type PreparedPicture, preparePicture } from "./prepare.ts";
