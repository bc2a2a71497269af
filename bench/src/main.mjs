import { inferenceTable, measureInference } from "./inference.mjs";
import { describe, machine, publish } from "./report.mjs";
import { measureTraining, trainingTable } from "./training.mjs";

/** Measures training and inference beside other engines that need no native install: `npm start`. */
const on = machine();
const training = await measureTraining();
const inference = await measureInference();
const markdown = [describe(on), trainingTable(training), inferenceTable(inference)].join("\n\n");
publish("rates", markdown, { machine: on, training, inference });
