import { spawnSync } from "node:child_process";

/** A Python that has what requirements.txt names: `INKLING_PYTHON`, or the system's. */
export const python = process.env["INKLING_PYTHON"] ?? "python3";

function has(modules: string): boolean {
  if (spawnSync(python, ["-c", `import ${modules}`]).status === 0) return true;
  console.log(
    `${python} cannot import ${modules}, so what runs in them is not tested: pip install -r test/export/requirements.txt, or set INKLING_PYTHON`,
  );
  return false;
}

/** Whether it has ONNX Runtime, and wasmtime. */
export const hasOnnx = has("numpy, onnx, onnxruntime");
export const hasWasmtime = has("wasmtime");
