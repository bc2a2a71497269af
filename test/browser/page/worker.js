import { trainSeed } from "./seedTraining.js";

self.onmessage = ({ data }) =>
  trainSeed(data).then(
    (result) => self.postMessage({ result }),
    (error) => self.postMessage({ error: String(error) }),
  );
