"""How far float32 is from float64 in PyTorch and in Inkling, for the first step of the same random networks.

Development only, with torch and numpy installed:

    INKLING_NETWORKS=1000 INKLING_CASES=cases npx vitest run test/testing/randomTraining.test.ts
    python3 test/testing/rounding.py cases

The loss and the gradients of both are compared with PyTorch's in float64; an error is relative to the loss, or to the largest
element of the gradient. It fails where Inkling's loops, interpreted in float64, differ from PyTorch by more than 1e-6.
"""

import base64
import json
import pathlib
import sys

import numpy as np
import torch
from torch.nn import functional as F

torch.set_num_threads(1)
# With oneDNN, PyTorch 2.15 gives network 64 another loss each time, off by 6 % or NaN.
torch.backends.mkldnn.enabled = False
SMALL = 1e-3


def decoded(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype).copy()


def to_torch(name, w):
    """Kernels [U,V,I,O] and [I,O] in PyTorch's order of axes."""
    if not name.endswith(".kernel"):
        return w
    return w.permute(3, 2, 0, 1).contiguous() if w.ndim == 4 else w.T.contiguous()


def ends_of(layer, window, shape):
    """The padding before and after each axis, [[top, bottom], [left, right]]."""
    padding = layer.get("padding", "valid")
    if padding == "valid":
        return [(0, 0), (0, 0)]
    if padding != "same":
        return padding
    strides = layer.get("strides") or window
    ends = []
    for n, k, stride, rate in zip(shape, window, strides, layer.get("dilationRate", [1, 1])):
        total = max(0, (-(-n // stride) - 1) * stride + (k - 1) * rate + 1 - n)
        ends.append((total // 2, total - total // 2))
    return ends


def padded(layer, window, x, value):
    (top, bottom), (left, right) = ends_of(layer, window, x.shape[2:])
    return F.pad(x, (left, right, top, bottom), value=value)


def convolution(layer, w, x, groups):
    window = layer["kernelSize"]
    rate = tuple(layer.get("dilationRate", [1, 1]))
    x = padded(layer, window, x, 0.0)
    return F.conv2d(x, w["kernel"], w.get("bias"), tuple(layer["strides"]), 0, rate, groups)


def max_pool(layer, _, x):
    window = layer["poolSize"]
    x = padded(layer, window, x, float("-inf"))
    rate = tuple(layer.get("dilationRate", [1, 1]))
    return F.max_pool2d(x, tuple(window), tuple(layer.get("strides") or window), 0, rate)


def average_pool(layer, _, x):
    window, strides = layer["poolSize"], layer.get("strides") or layer["poolSize"]
    rates = layer.get("dilationRate", [1, 1])
    taps = torch.ones(1, 1, *window, dtype=x.dtype)

    def sums(of):
        each = F.conv2d(of.flatten(0, 1)[:, None], taps, None, tuple(strides), 0, tuple(rates))
        return each[:, 0].unflatten(0, of.shape[:2])

    count = torch.ones_like(x)
    count = padded(layer, window, count, 1.0 if layer.get("countIncludePad") else 0.0)
    return sums(padded(layer, window, x, 0.0)) / sums(count)


def normalize(layer, w, x):
    return F.batch_norm(x, None, None, w["gamma"], w["beta"], True, 0.0, layer["epsilon"])


def respond(layer, _, x):
    radius = layer["depthRadius"]
    squares = F.pad(x * x, (0, 0, 0, 0, radius, radius))
    sums = sum(squares[:, k : k + x.shape[1]] for k in range(2 * radius + 1))
    return x * (layer["bias"] + layer["alpha"] * sums) ** -layer["beta"]


OPERATIONS = {
    "conv2d": lambda layer, w, x: convolution(layer, w, x, layer["groups"]),
    "depthwiseConv2d": lambda layer, w, x: convolution(layer, w, x, x.shape[1]),
    "dense": lambda _, w, x: F.linear(x, w["kernel"], w.get("bias")),
    "maxPool2d": max_pool,
    "averagePool2d": average_pool,
    "globalAveragePool2d": lambda _l, _w, x: x.mean((2, 3)),
    "batchNormalization": normalize,
    "localResponseNormalization": respond,
    "relu": lambda _l, _w, x: F.relu(x),
    "leakyRelu": lambda layer, _w, x: F.leaky_relu(x, layer["negativeSlope"]),
    "sigmoid": lambda _l, _w, x: torch.sigmoid(x),
    "tanh": lambda _l, _w, x: torch.tanh(x),
    "silu": lambda _l, _w, x: F.silu(x),
    "hardSwish": lambda _l, _w, x: F.hardswish(x),
    "gelu": lambda layer, _w, x: F.gelu(x, approximate=layer.get("approximate", "tanh")),
    "softmax": lambda _l, _w, x: F.softmax(x, 1),
    "identity": lambda _l, _w, x: x,
    "add": lambda _l, _w, *xs: sum(xs[1:], xs[0]),
    "concatenate": lambda _l, _w, *xs: torch.cat(xs, 1),
    "flatten": lambda _l, _w, x: x.permute(0, 2, 3, 1).flatten(1) if x.ndim == 4 else x,
}


def first_step(case, dtype):
    """The loss and the gradients, in Inkling's order of axes."""
    model = case["model"]
    weights = {}
    for name, weight in case["weights"].items():
        values = torch.from_numpy(decoded(weight["values"], np.float32)).reshape(weight["shape"])
        weights[name] = values.to(dtype).requires_grad_()
    images = torch.tensor(case["images"], dtype=dtype).reshape(case["batchSize"], *model["input"])
    mean, scale = (torch.tensor(model["preprocessing"][key], dtype=dtype) for key in ("mean", "scale"))
    outputs, last = {"input": ((images - mean) / scale).permute(0, 3, 1, 2)}, "input"
    for layer in model["layers"]:
        own = {
            name.removeprefix(f"{layer['name']}."): to_torch(name, w)
            for name, w in weights.items()
            if name.startswith(f"{layer['name']}.")
        }
        inputs = [outputs[name] for name in layer.get("inputs", [last])]
        last = layer["name"]
        outputs[last] = OPERATIONS[layer["type"]](layer, own, *inputs)
    loss = F.cross_entropy(outputs[last], torch.tensor(case["labels"]), label_smoothing=model["labelSmoothing"])
    loss.backward()
    gradients = {name: w.grad.double().flatten().numpy() for name, w in weights.items() if w.grad is not None}
    return loss.item(), gradients


def ours(of):
    return of["loss"], {name: decoded(text, np.float64) for name, text in of["gradients"].items()}


def errors(got, want):
    (loss, gradients), (true_loss, true) = got, want
    worst = max(
        np.abs(gradients[name] - g).max(initial=0) / max(np.abs(g).max(initial=0), SMALL) for name, g in true.items()
    )
    return abs(loss - true_loss) / max(abs(true_loss), SMALL), worst


def main():
    found = {"Inkling in float64": [], "Inkling": [], "PyTorch": []}
    wrong = []
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json"), key=lambda path: int(path.stem)):
        case = json.loads(path.read_text())
        exact = first_step(case, torch.float64)
        exact = exact[0], {name: exact[1][name] for name in case["float64"]["gradients"] if name in exact[1]}
        found["Inkling in float64"].append(errors(ours(case["float64"]), exact))
        found["Inkling"].append(errors(ours(case["float32"]), exact))
        found["PyTorch"].append(errors(first_step(case, torch.float32), exact))
        if max(found["Inkling in float64"][-1]) > 1e-6:
            wrong.append((path.stem, found["Inkling in float64"][-1]))
    print(f"{len(found['PyTorch'])} networks; relative errors: median, 90 %, 99 %, largest")
    for name, values in found.items():
        for of, column in zip(("loss", "gradients"), np.array(values).T):
            quantiles = np.quantile(column, [0.5, 0.9, 0.99, 1], method="nearest")
            print(f"{name:20}{of:10}", *(f"{value:.1e}" for value in quantiles))
    ratio = np.array(found["Inkling"]) / np.maximum(np.array(found["PyTorch"]), 1e-9)
    print("share of networks in which Inkling's error is smaller: loss, gradients", *(np.mean(ratio < 1, 0).round(2)))
    if wrong:
        sys.exit(f"Inkling in float64 differs from PyTorch in networks {wrong}")


main()
