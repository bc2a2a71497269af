import { spawnSync } from "node:child_process";

/** A Python that has what requirements.txt names: `INKLING_PYTHON`, or the system's. */
export const python = process.env["INKLING_PYTHON"] ?? "python3";

/** Whether it has. */
export const hasOnnx = spawnSync(python, ["-c", "import numpy, onnx, onnxruntime"]).status === 0;
if (!hasOnnx)
  console.log(
    `${python} has no onnx and onnxruntime, so ONNX Runtime is not tested: pip install -r test/export/requirements.txt, or set INKLING_PYTHON`,
  );
