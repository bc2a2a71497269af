import { openDataset } from "../../dist/node.js";

/** Opens the data set that is named, and prints how long it took and how much memory at most. */
const started = performance.now();
const { labels } = await openDataset(process.argv[2]);
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ images: labels.length, seconds, megabytes: process.resourceUsage().maxRSS / 1000 }));
