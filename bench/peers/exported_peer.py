"""An exported ONNX file in ONNX Runtime, one image at a time on one thread: see src/exports/answer.mjs."""

import json
import os
import sys
import time

import numpy as np
import onnxruntime

folder = sys.argv[1]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
session = onnxruntime.InferenceSession(os.path.join(folder, "model.onnx"), options, providers=["CPUExecutionProvider"])
shape = session.get_inputs()[0].shape[1:]
images = np.fromfile(os.path.join(folder, "images.u8"), np.uint8).reshape(-1, *shape)
one = images[:1]

for line in sys.stdin:
    request = json.loads(line)
    if "logits" in request:
        (logits,) = session.run(["logits"], {"image": images})
        logits.tofile(request["logits"])
        print(json.dumps({"version": onnxruntime.__version__}), flush=True)
        continue
    started = time.process_time()
    for _ in range(request["run"]):
        session.run(["logits"], {"image": one})
    print(json.dumps({"steps": request["run"], "seconds": time.process_time() - started}), flush=True)
