"""A case's network as an ONNX model; as a program, writes it: onnx_model.py FOLDER BATCH_SIZE FILE."""

import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from case import apply_layers, read_case, same_padding

OPSET, IR_VERSION = 17, 8


class Graph:
    """Nodes and constants in the order in which they are made; a value is its name and its shape without the batch."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op, inputs, shape, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name, shape


def pads(layer, window, strides, shape):
    if layer["padding"] == "valid":
        return [0, 0, 0, 0]
    (top, bottom), (left, right) = (same_padding(n, k, s) for n, k, s in zip(shape[1:], window, strides))
    return [top, left, bottom, right]


def operations(graph):
    """Each input is (name, [C,H,W] or [K])."""

    def conv2d(layer, w, x):
        name, shape = x
        window, strides = layer["kernelSize"], layer["strides"]
        kernel = w["kernel"].transpose(3, 2, 0, 1)
        spread = pads(layer, window, strides, shape)
        inputs = [name, graph.constant(kernel)] + ([graph.constant(w["bias"])] if "bias" in w else [])
        out = [kernel.shape[0], *windows(shape, window, strides, spread)]
        return graph.add("Conv", inputs, out, kernel_shape=window, strides=strides, pads=spread)

    def max_pool(layer, _, x):
        name, shape = x
        window = layer["poolSize"]
        strides = layer.get("strides", window)
        spread = pads(layer, window, strides, shape)
        out = [shape[0], *windows(shape, window, strides, spread)]
        return graph.add("MaxPool", [name], out, kernel_shape=window, strides=strides, pads=spread)

    def dense(layer, w, x):
        return graph.add("Gemm", [x[0], graph.constant(w["kernel"]), graph.constant(w["bias"])], [len(w["bias"])])

    def normalize(layer, w, x):
        values = [graph.constant(w[k]) for k in ("gamma", "beta", "movingMean", "movingVariance")]
        return graph.add("BatchNormalization", [x[0], *values], x[1], epsilon=layer["epsilon"])

    def lrn(layer, _, x):
        size = 2 * layer["depthRadius"] + 1  # ONNX divides alpha by it
        settings = {"alpha": layer["alpha"] * size, "beta": float(layer["beta"]), "bias": float(layer["bias"])}
        return graph.add("LRN", [x[0]], x[1], size=size, **settings)

    def flatten(layer, _, x):
        last, shape = graph.add("Transpose", [x[0]], [*x[1][1:], x[1][0]], perm=[0, 2, 3, 1])
        return graph.add("Flatten", [last], [int(np.prod(shape))])

    def average(layer, _, x):
        pooled, _ = graph.add("GlobalAveragePool", [x[0]], [x[1][0], 1, 1])
        return graph.add("Flatten", [pooled], [x[1][0]])

    return {
        "conv2d": conv2d,
        "dense": dense,
        "maxPool2d": max_pool,
        "batchNormalization": normalize,
        "localResponseNormalization": lrn,
        "relu": lambda layer, w, x: graph.add("Relu", [x[0]], x[1]),
        "dropout": lambda layer, w, x: x,
        "identity": lambda layer, w, x: x,
        "add": lambda layer, w, x, y: graph.add("Add", [x[0], y[0]], x[1]),
        "flatten": flatten,
        "globalAveragePool2d": average,
    }


def windows(shape, window, strides, spread):
    sizes = (n + before + after for n, before, after in zip(shape[1:], spread[:2], spread[2:]))
    return [(n - k) // s + 1 for n, k, s in zip(sizes, window, strides)]


def onnx_model(case):
    """Takes images [N,C,H,W] of a fixed batch size as "x", gives logits [N,K] as "y"."""
    graph = Graph()
    height, width, channels = case.pixels.shape[1:]
    y, (classes,) = apply_layers(case.layers, operations(graph), ("x", [channels, height, width]), case.weights)
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, [case.batch_size, *shape])
    made = helper.make_graph(graph.nodes, "model", [value("x", [channels, height, width])], [value(y, [classes])], graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


if __name__ == "__main__":
    folder, batch_size, file = sys.argv[1:]
    case = read_case(folder, "inference", int(batch_size), 1)
    with open(file, "wb") as out:
        out.write(onnx_model(case))
