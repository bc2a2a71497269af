import { trainSeed } from "./seedTraining.js";

console.log(JSON.stringify(await trainSeed(JSON.parse(process.argv[2]))));
