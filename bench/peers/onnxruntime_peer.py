"""ONNX Runtime: a session with all optimizations."""

import numpy as np
import onnxruntime

from case import Unsupported
from onnx_model import onnx_model
from protocol import arguments, serve

THREADS = arguments().threads


def predictor(case):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = onnxruntime.InferenceSession(onnx_model(case), options, providers=["CPUExecutionProvider"])
    size = case.batch_size
    pixels = np.ascontiguousarray(case.pixels.transpose(0, 3, 1, 2))
    batches = [pixels[k * size : (k + 1) * size] for k in range(case.batches)]

    def run(first, n):
        for k in range(first, first + n):
            (logits,) = session.run(None, {"x": batches[k % case.batches]})
        return logits

    return run


def variants(case):
    if case.mode == "training":
        raise Unsupported("does not train")
    yield "session", lambda: predictor(case)


serve(onnxruntime.__version__, variants, THREADS)
