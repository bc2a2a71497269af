import { openSource } from "./openSource.js";
import { trainSeed } from "./seedTraining.js";

self.onmessage = ({ data: { training, opening } }) =>
  (training ? trainSeed(training) : openSource(opening)).then(
    (result) => self.postMessage({ result }),
    (error) => self.postMessage({ error: String(error) }),
  );
