"""Writes training.json: 20 steps of a dense layer with class weights, mixup or gradient accumulation in PyTorch, float64.

Development only: python3 test/reference/training.py, with torch installed. The problem is that of optimizers.py. Class
weights are Keras': the mean over the images. The ratios of mixup are drawn as in src/ops/betaRatio.ts.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
IMAGES = [[(37 * (4 * n + i) + 11 * n * i) % 256 for i in range(4)] for n in range(6)]
LABELS = [0, 1, 2, 0, 1, 2]
KERNEL = [[((5 * i + 3 * k) % 7 - 3) / 8 for k in range(3)] for i in range(4)]
WEIGHTS = [0.5, 1.0, 3.0]
STEPS, ALPHA, SEED = 20, 0.4, 1

x = (torch.tensor(IMAGES, dtype=torch.float64) - 127.5) / 255
y = torch.tensor(LABELS)


def philox(key, counter):
    (k0, k1), (c0, c1, c2, c3) = key, counter
    for r in range(10):
        a, b = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        key0, key1 = (k0 + r * 0x9E3779B9) & 0xFFFFFFFF, (k1 + r * 0xBB67AE85) & 0xFFFFFFFF
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ key0, b & 0xFFFFFFFF, (a >> 32) ^ c3 ^ key1, a & 0xFFFFFFFF
    return c0, c1, c2, c3


def ratios(step):
    found = []
    for n in range(len(LABELS)):
        u, turn = [word >> 8 for word in philox((SEED, 7), (step, n, 0, 0))[:2]]
        w = ((u + 1) / 2**24) ** (1 / ALPHA)
        c = math.cos(math.pi * (turn / 2**23 - 1))
        part = c * c * (1 - w)
        found.append(0.5 * (1 + math.copysign(math.sqrt(part / (w + part)), c)))
    return torch.tensor(found)


def plain(w, b, step):
    return F.cross_entropy(x @ w + b, y)


def weighted(w, b, step):
    # PyTorch would divide by the sum of the weights of the batch.
    return F.cross_entropy(x @ w + b, y, weight=torch.tensor(WEIGHTS), reduction="sum") / len(LABELS)


def mixup(w, b, step):
    r = ratios(step)
    mixed = r[:, None] * x + (1 - r[:, None]) * x.roll(1, 0)
    soft = r[:, None] * F.one_hot(y, 3) + (1 - r[:, None]) * F.one_hot(y.roll(1), 3)
    return F.cross_entropy(mixed @ w + b, soft)


def run(loss_of, parts=1):
    w, b = torch.tensor(KERNEL).requires_grad_(), torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=0.5, momentum=0.5)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        if parts == 1:
            loss = loss_of(w, b, step)
            loss.backward()
        else:
            loss = 0
            for images, labels in zip(x.chunk(parts), y.chunk(parts)):
                part = F.cross_entropy(images @ w + b, labels) / parts
                part.backward()
                loss += part
        losses.append(loss.item())
        optimizer.step()
    return losses


out = {
    "images": IMAGES,
    "labels": LABELS,
    "kernel": KERNEL,
    "classWeights": WEIGHTS,
    "alpha": ALPHA,
    "losses": {"classWeights": run(weighted), "mixup": run(mixup), "gradientAccumulation": run(plain, 3)},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
