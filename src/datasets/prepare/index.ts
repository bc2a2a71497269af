export { flatten } from "./flatten.ts";
export { learnPreparation } from "./learn.ts";
export { type CheckedPicture, checkPicture, type Picture } from "./picture.ts";
export { type Preparation, type PrepareOptions, parsePreparation, resizeOnly } from "./preparation.ts";
export { type PreparedPicture, preparePicture } from "./prepare.ts";
