"""PyTorch: channels last and oneDNN; eager, and torch.compile, whose generated C++ is kept in .cache."""

import os
from pathlib import Path

from protocol import arguments, serve

THREADS = arguments().threads
os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path(__file__).parent.parent / ".cache" / "torch"))

import torch
from torch.nn import functional as F

from case import apply_layers, neighbors, same_padding

torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)


def padded(layer, window, x, value):
    """x with SAME's padding, which may be uneven, and what is left for the operation itself to add."""
    if layer["padding"] == "valid":
        return x, 0
    strides = layer.get("strides", window)
    (top, bottom), (left, right) = (same_padding(n, k, s) for n, k, s in zip(x.shape[2:], window, strides))
    if (top, left) == (bottom, right):
        return x, (top, left)
    return F.pad(x, (left, right, top, bottom), value=value), 0


@torch.compiler.assume_constant_result
def band_of(layer, channels):
    return torch.from_numpy(neighbors(layer, channels))[:, :, None, None]


def operations(training):
    def conv2d(layer, w, x):
        x, padding = padded(layer, layer["kernelSize"], x, 0.0)
        return F.conv2d(x, w["kernel"], w["bias"] if "bias" in w else None, layer["strides"], padding)

    def max_pool(layer, _, x):
        x, padding = padded(layer, layer["poolSize"], x, float("-inf"))
        return F.max_pool2d(x, layer["poolSize"], layer.get("strides"), padding)

    def normalize(layer, w, x):
        momentum, epsilon = 1 - layer["momentum"], layer["epsilon"]
        return F.batch_norm(
            x, w["movingMean"], w["movingVariance"], w["gamma"], w["beta"], training, momentum, epsilon
        )

    def lrn(layer, _, x):
        """With a 1×1 convolution, which is faster than F.local_response_norm."""
        sums = layer["bias"] + F.conv2d(x * x, band_of(layer, x.shape[1]))
        return x * torch.rsqrt(sums * torch.sqrt(sums))

    return {
        "conv2d": conv2d,
        "dense": lambda layer, w, x: F.linear(x, w["kernel"], w["bias"]),
        "maxPool2d": max_pool,
        "batchNormalization": normalize,
        "localResponseNormalization": lrn,
        "relu": lambda layer, w, x: F.relu(x),
        "dropout": lambda layer, w, x: x,
        "identity": lambda layer, w, x: x,
        "add": lambda layer, w, x, y: x + y,
        "flatten": lambda layer, w, x: x.permute(0, 2, 3, 1).flatten(1),
        "globalAveragePool2d": lambda layer, w, x: x.mean((2, 3)),
    }


def tensor_of(value):
    """A weight in PyTorch's order of axes: kernels [O,I,U,V], channels last in memory, and [O,I]."""
    w = torch.from_numpy(value)
    if w.ndim == 4:
        return w.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
    return w.T.contiguous() if w.ndim == 2 else w.clone()


def batches_of(case):
    x = torch.from_numpy(case.pixels).permute(0, 3, 1, 2)  # channels last in memory as it is
    labels = torch.from_numpy(case.labels).long()
    size = case.batch_size
    spans = [slice(k * size, (k + 1) * size) for k in range(case.batches)]
    return [(x[span].contiguous(memory_format=torch.channels_last), labels[span]) for span in spans]


def trainer(case, compiled):
    weights = {name: tensor_of(value) for name, value in case.weights.items()}
    trained = [weights[name].requires_grad_() for name in case.trained]
    decayed = [w for w in trained if w.ndim > 1]
    settings = case.optimizer
    optimizer = torch.optim.SGD(
        [
            {"params": decayed, "weight_decay": settings["weightDecay"]},
            {"params": [w for w in trained if w.ndim <= 1]},
        ],
        lr=settings["learningRate"],
        momentum=settings["momentum"],
        nesterov=settings["momentum"] > 0,
        fused=True,
    )
    forward = operations(training=True)

    def loss_of(x, label):
        logits = apply_layers(case.layers, forward, x, weights)
        return F.cross_entropy(logits, label, label_smoothing=case.label_smoothing)

    if compiled:
        loss_of = torch.compile(loss_of)
    batches = batches_of(case)

    def run(first, n):
        for k in range(first, first + n):
            optimizer.zero_grad()
            loss = loss_of(*batches[k % case.batches])
            loss.backward()
            optimizer.step()
        return loss.item()

    return run


def predictor(case, compiled):
    weights = {name: tensor_of(value) for name, value in case.weights.items()}
    forward = operations(training=False)
    model = lambda x: apply_layers(case.layers, forward, x, weights)
    if compiled:
        model = torch.compile(model)
    batches = batches_of(case)

    def run(first, n):
        with torch.inference_mode():
            for k in range(first, first + n):
                logits = model(batches[k % case.batches][0]).numpy()
        return logits

    return run


def variants(case):
    torch.compiler.reset()
    make = trainer if case.mode == "training" else predictor
    yield "eager", lambda: make(case, compiled=False)
    yield "torch.compile", lambda: make(case, compiled=True)


serve(torch.__version__, variants, THREADS)
