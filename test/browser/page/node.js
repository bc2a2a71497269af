import { openDataset } from "inkling/node";
import { trainSeed } from "./seedTraining.js";

const { path, ...options } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(await trainSeed(options, path && (await openDataset(path)))));
