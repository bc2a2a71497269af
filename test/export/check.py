"""Checks ONNX files by ONNX's checker and strict shape inference, and runs them in ONNX Runtime.

Each folder that is given has model.onnx, images.npy ([N,H,W,C] uint8) and logits.npy ([N,K], the expected ones). Prints a
line of JSON for each: the largest difference of logits relative to the largest logit of the image, and the equal answers.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

onnxruntime.set_default_logger_severity(3)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1

for folder in map(Path, sys.argv[1:]):
    path = folder / "model.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.shape_inference.infer_shapes(onnx.load(path), check_type=True, strict_mode=True, data_prop=True)
    images, expected = np.load(folder / "images.npy"), np.load(folder / "logits.npy")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    logits, probabilities = session.run(["logits", "probabilities"], {"image": images})
    one = np.concatenate([session.run(["logits"], {"image": image[None]})[0] for image in images[:2]])
    largest = np.maximum(np.abs(expected).max(axis=1, keepdims=True), 1e-6)
    print(
        json.dumps(
            {
                "difference": float((np.abs(logits - expected) / largest).max()),
                "one": float((np.abs(one - expected[:2]) / largest[:2]).max()),
                "equal": int((logits.argmax(axis=1) == expected.argmax(axis=1)).sum()),
                "images": len(images),
                "sums": float(np.abs(probabilities.sum(axis=1) - 1).max()),
                "inferred": all(
                    dimension.HasField("dim_value") or dimension.dim_param
                    for value in model.graph.value_info
                    for dimension in value.type.tensor_type.shape.dim
                ),
                "nodes": sorted({node.op_type for node in model.graph.node}),
            }
        )
    )
