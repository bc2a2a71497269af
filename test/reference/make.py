"""Writes ops.json, schedules.json, reduceOnPlateau.json and initializers.json: what PyTorch, in float64, makes of small inputs.

Development only: python3 test/reference/make.py, with torch installed; then npm run format.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
FOLDER = pathlib.Path(__file__).parent


def save(name, value):
    # Twelve digits are plenty, and keep the files small.
    text = json.dumps(json.loads(json.dumps(value), parse_float=lambda x: float(f"{float(x):.12g}")))
    (FOLDER / f"{name}.json").write_text(text.replace("}, {", "},\n{").replace('}, "', '},\n"') + "\n")


def numbers(shape, seed):
    """Numbers in [-2, 2] that float32 holds, all different from 0."""
    size = math.prod(shape)
    return torch.tensor([((37 * i + 11 * seed + (i * i) % 13) % 127 - 63.5) / 32 for i in range(size)]).reshape(shape)


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def case(op, attrs, inputs, f, fixed=None):
    """A case of an op: its inputs (NHWC), y for them, and the gradients of Σ y·dy."""
    leaves = {name: x.clone().requires_grad_(True) for name, x in inputs.items()}
    y = f(*leaves.values())
    dy = numbers(tuple(y.shape), 9)
    (y * dy).sum().backward()
    return {
        "op": op,
        "attrs": attrs,
        "shapes": {name: list(x.shape) for name, x in inputs.items()} | {k: [len(v)] for k, v in (fixed or {}).items()},
        "inputs": {name: x.flatten().tolist() for name, x in inputs.items()} | (fixed or {}),
        "dy": dy.flatten().tolist(),
        "y": y.flatten().tolist(),
        "gradients": {name: x.grad.flatten().tolist() for name, x in leaves.items()},
    }


def avg_pool(size, stride, pad):
    return lambda x: nhwc(F.avg_pool2d(nchw(x), size, stride, pad, count_include_pad=False))


def conv(stride, pad, groups):
    return lambda x, w: nhwc(F.conv2d(nchw(x), w.permute(3, 2, 0, 1), None, stride, pad, 1, groups))


def pool_attrs(size, stride, padding):
    return {"poolSize": [size, size], "strides": [stride, stride], "padding": padding}


def conv_attrs(stride, padding, groups):
    return {"strides": [stride, stride], "padding": padding, "groups": groups}


x = numbers((2, 5, 4, 3), 1)
flat = numbers((3, 8), 2)
LABELS = [0, 3, 7]
ops = [
    case("averagePool2d", pool_attrs(3, 1, "same"), {"x": x}, avg_pool(3, 1, 1)),
    case("averagePool2d", pool_attrs(2, 2, "valid"), {"x": x}, avg_pool(2, 2, 0)),
    case("globalAveragePool2d", {}, {"x": x}, lambda x: x.mean((1, 2))),
    case("concatenate", {}, {"a": x, "b": numbers((2, 5, 4, 2), 5)}, lambda a, b: torch.cat([a, b], -1)),
    case("conv2d", conv_attrs(1, "same", 2), {"x": numbers((2, 4, 4, 4), 3), "w": numbers((3, 3, 2, 6), 4)}, conv(1, 1, 2)),
    case("conv2d", conv_attrs(2, "valid", 3), {"x": numbers((2, 5, 5, 3), 3), "w": numbers((3, 3, 1, 6), 4)}, conv(2, 0, 3)),
    case("leakyRelu", {"negativeSlope": 0.3}, {"x": flat}, lambda x: F.leaky_relu(x, 0.3)),
    case("sigmoid", {}, {"x": 4 * flat}, torch.sigmoid),
    case("tanh", {}, {"x": flat}, torch.tanh),
    case("silu", {}, {"x": 2 * flat}, F.silu),
    case("gelu", {}, {"x": flat}, lambda x: F.gelu(x, approximate="tanh")),
    case("softmax", {}, {"x": 2 * flat}, lambda x: F.softmax(x, -1)),
    *[
        case(
            "softmaxCrossEntropy",
            {"labelSmoothing": share},
            {"x": flat},
            lambda x: F.cross_entropy(x, torch.tensor(LABELS), reduction="none", label_smoothing=share),
            {"label": LABELS},
        )
        for share in (0, 0.1)
    ],
]
BATCH_NORM = {"x": numbers((3, 3, 2, 4), 6), "gamma": numbers((4,), 7), "beta": numbers((4,), 8)}
MEAN, VARIANCE = numbers((4,), 3), numbers((4,), 5) ** 2


def batch_norm(training):
    return lambda x, gamma, beta: nhwc(F.batch_norm(nchw(x), MEAN.clone(), VARIANCE.clone(), gamma, beta, training, 0.1, 1e-3))


statistics = {"mean": MEAN.tolist(), "variance": VARIANCE.tolist()}
save(
    "ops",
    {
        "ops": ops,
        "batchNormalization": case("training", {"epsilon": 1e-3}, BATCH_NORM, batch_norm(True)),
        "runningNormalization": case("running", {"epsilon": 1e-3}, BATCH_NORM, batch_norm(False), statistics),
    },
)


def rates(make, steps, base=0.1):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
    schedule = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


S = torch.optim.lr_scheduler
save(
    "schedules",
    {
        # PyTorch changes the rate at its milestones, Keras and Inkling after their boundaries: one step later.
        "piecewiseConstantDecay": rates(lambda o: S.MultiStepLR(o, [6, 13], 0.1), 20),
        "exponentialDecay": rates(lambda o: S.StepLR(o, 5, 0.5), 20),
        "exponentialDecay smooth": rates(lambda o: S.ExponentialLR(o, 0.9), 20),
        "cosineDecay": rates(lambda o: S.CosineAnnealingLR(o, 20, 0), 21),
        "cosineDecay alpha": rates(lambda o: S.CosineAnnealingLR(o, 20, 0.01), 21),
        "polynomialDecay": rates(lambda o: S.PolynomialLR(o, 15, 2), 20),
        "oneCycle": rates(lambda o: S.OneCycleLR(o, 0.1, total_steps=20), 19),
        "oneCycle linear": rates(
            lambda o: S.OneCycleLR(o, 0.1, total_steps=20, pct_start=0.2, anneal_strategy="linear", div_factor=10), 19
        ),
        "warmup": rates(
            lambda o: S.SequentialLR(o, [S.LinearLR(o, 0.25, 1, 5), S.CosineAnnealingLR(o, 15, 0)], milestones=[5]), 20
        ),
    },
)


# Validations that rise, stall and swing.
SCORES = [0.3, 0.5, 0.50001, 0.6, 0.59, 0.6, 0.55, 0.60003, 0.7, *[0.7] * 8, 0.71, 0.7, 0.69, 0.72, *[0.5] * 14]


def plateau(start=0.1, monitor="accuracy", **options):
    """Learning rates before the first validation and after each of `SCORES`; a loss is 1 - accuracy."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=start)
    schedule = S.ReduceLROnPlateau(optimizer, mode="max" if monitor == "accuracy" else "min", **options)
    found = [start]
    for score in SCORES:
        schedule.step(score if monitor == "accuracy" else 1 - score)
        found.append(optimizer.param_groups[0]["lr"])
    return found


save(
    "reduceOnPlateau",
    {
        "scores": SCORES,
        "rates": {
            "default": plateau(),
            "patience": plateau(factor=0.5, patience=2),
            "loss": plateau(monitor="loss", factor=0.5, patience=2),
            "cooldown": plateau(factor=0.5, patience=1, cooldown=3),
            "absolute": plateau(factor=0.5, patience=1, threshold=0.05, threshold_mode="abs"),
            "at once": plateau(factor=0.1, patience=0, threshold=0),
            "least": plateau(factor=0.5, patience=1, min_lr=0.02),
            "tiny": plateau(start=3e-8, factor=0.5, patience=0),
        },
    },
)


def moments(make, rows=256, columns=1024):
    """Of a kernel of 256 inputs and 1024 outputs; PyTorch keeps it transposed."""
    w = make(torch.empty(columns, rows)).t()
    return {"mean": w.mean().item(), "deviation": w.std().item(), "greatest": w.abs().max().item()}


def truncated(deviation):
    """As Keras' VarianceScaling: normal, truncated at two of its deviations, with this one after that."""
    sigma = deviation / 0.87962566103423978
    return lambda w: torch.nn.init.trunc_normal_(w, 0, sigma, -2 * sigma, 2 * sigma)


I = torch.nn.init
save(
    "initializers",
    {
        "normal": moments(lambda w: I.normal_(w, 0.5, 0.05)),
        "uniform": moments(lambda w: I.uniform_(w, -0.1, 0.1)),
        "truncatedNormal": moments(lambda w: I.trunc_normal_(w, 0.5, 0.05, 0.4, 0.6)),
        "heNormal": moments(truncated(I.kaiming_normal_(torch.empty(4096, 256), nonlinearity="relu").std().item())),
        "heUniform": moments(lambda w: I.kaiming_uniform_(w, nonlinearity="relu")),
        "glorotNormal": moments(truncated(I.xavier_normal_(torch.empty(1024, 256)).std().item())),
        "glorotUniform": moments(I.xavier_uniform_),
        "lecunNormal": moments(truncated(I.kaiming_normal_(torch.empty(4096, 256), nonlinearity="linear").std().item())),
        "orthogonal": moments(lambda w: I.orthogonal_(w, 2)),
    },
)
