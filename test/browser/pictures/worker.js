import { decodeAll } from "./decodeAll.js";

self.onmessage = ({ data: { files, threads } }) =>
  decodeAll(files, threads).then(
    (result) => self.postMessage({ result }),
    (error) => self.postMessage({ error: String(error) }),
  );
