"""A case to measure, read from the folder that the driver wrote: the network, its first weights, and images."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np


class Unsupported(Exception):
    """What a peer cannot do; its row is left out."""


@dataclass(frozen=True)
class Case:
    mode: str  # "training", "inference" or "latency"
    batch_size: int
    threads: int
    layers: list  # as in a saved model: dicts with "type", "name", settings, and "inputs" where it is not the layer before
    label_smoothing: float
    optimizer: dict  # learningRate, momentum, weightDecay
    trained: frozenset  # the names of the weights that training changes by their gradients
    weights: dict  # float32 by name; kernels [U,V,I,O] and [I,O]
    pixels: np.ndarray  # float32 [N,H,W,C]
    labels: np.ndarray  # int32 [N]

    @property
    def batches(self):
        return len(self.labels) // self.batch_size

    @property
    def parameters(self):
        return sum(self.weights[name].size for name in self.trained)


def read_case(folder, mode, batch_size, threads):
    folder = Path(folder)
    about = json.loads((folder / "case.json").read_text())
    model = about["model"]
    values = np.fromfile(folder / "weights.f32", np.float32)
    weights, at = {}, 0
    for name, shape in about["weights"]:
        size = int(np.prod(shape))
        weights[name] = values[at : at + size].reshape(shape)
        at += size
    images = np.fromfile(folder / "images.u8", np.uint8).reshape(-1, *model["input"])
    preprocessing = model["preprocessing"]
    return Case(
        mode=mode,
        batch_size=batch_size,
        threads=threads,
        layers=model["layers"],
        label_smoothing=model["labelSmoothing"],
        optimizer=about["settings"],
        trained=frozenset(about["trained"]),
        weights=weights,
        pixels=((images - np.float32(preprocessing["mean"])) / np.float32(preprocessing["scale"])).astype(np.float32),
        labels=np.fromfile(folder / "labels.u32", np.uint32).astype(np.int32),
    )


def apply_layers(layers, operations, x, weights):
    """Runs x through all layers: operations[type](layer, weights of the layer by their short names, *inputs)."""
    outputs, last = {"input": x}, "input"
    for layer in layers:
        if layer["type"] not in operations:
            raise Unsupported(f"no {layer['type']}")
        name = layer["name"]
        inputs = [outputs[i] for i in layer.get("inputs", [last])]
        outputs[name] = operations[layer["type"]](layer, _Scope(weights, name), *inputs)
        last = name
    return outputs[last]


class _Scope:
    """The weights of one layer; writing one replaces it in the mapping, or assigns to it where it can be assigned to."""

    def __init__(self, weights, layer):
        self._weights, self._layer = weights, layer

    def __getitem__(self, name):
        return self._weights[f"{self._layer}.{name}"]

    def __setitem__(self, name, value):
        self._weights[f"{self._layer}.{name}"] = value

    def __contains__(self, name):
        return f"{self._layer}.{name}" in self._weights


def neighbors(layer, channels):
    """
    Local response normalization as a product: the matrix [C,C] that takes squares to alpha times the sum over
    neighboring channels. What follows, t^-beta, is 1 / sqrt(t·sqrt(t)), as beta is 0.75.
    """
    if layer["beta"] != 0.75:
        raise Unsupported(f"a beta of {layer['beta']}")
    number = np.arange(channels)
    return (layer["alpha"] * (abs(number[:, None] - number) <= layer["depthRadius"])).astype(np.float32)


def same_padding(size, kernel, stride):
    """Zeros before and after, so that the output has ceil(size / stride) elements."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2
