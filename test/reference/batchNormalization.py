"""Writes batchNormalization.json: 20 steps of a convolution with batch normalization in PyTorch, float64.

Development only: python3 test/reference/batchNormalization.py, with torch installed. The moving averages follow
Keras, with the biased variance, but their momentum warms up: min(0.6, (1 + t) / (10 + t)) at step t.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
N, SIZE, CHANNELS, CLASSES, STEPS, RATE, MOMENTUM, EPSILON = 12, 6, 5, 3, 20, 0.1, 0.6, 1e-3
images = [(37 * i + 11 * (i // 7) ** 2) % 256 for i in range(N * SIZE * SIZE)]
labels = [n % CLASSES for n in range(N)]
kernel = [((5 * i) % 13 - 6) / 12 for i in range(9 * CHANNELS)]
dense = [((7 * i) % 11 - 5) / 40 for i in range(SIZE * SIZE * CHANNELS * CLASSES)]

x = (torch.tensor(images, dtype=torch.float64).reshape(N, 1, SIZE, SIZE) - 127.5) / 255
y = torch.tensor(labels)
w = torch.tensor(kernel).reshape(3, 3, 1, CHANNELS).permute(3, 2, 0, 1).contiguous().requires_grad_()
d = torch.tensor(dense).reshape(-1, CLASSES).requires_grad_()
gamma, beta = torch.ones(CHANNELS, requires_grad=True), torch.zeros(CHANNELS, requires_grad=True)
mean, variance = torch.zeros(CHANNELS), torch.ones(CHANNELS)
losses = []
for step in range(STEPS):
    z = F.conv2d(x, w, padding=1)
    m, v = z.mean((0, 2, 3)), z.var((0, 2, 3), unbiased=False)
    shape = (1, -1, 1, 1)
    h = (z - m.view(shape)) / (v.view(shape) + EPSILON).sqrt() * gamma.view(shape) + beta.view(shape)
    logits = F.relu(h).permute(0, 2, 3, 1).reshape(N, -1) @ d
    loss = F.cross_entropy(logits, y)
    gradients = torch.autograd.grad(loss, [w, d, gamma, beta])
    with torch.no_grad():
        for parameter, g in zip([w, d, gamma, beta], gradients):
            parameter -= RATE * g
        decay = min(MOMENTUM, (1 + step) / (10 + step))
        mean = decay * mean + (1 - decay) * m
        variance = decay * variance + (1 - decay) * v
    losses.append(loss.item())

out = {
    "images": images, "labels": labels, "kernel": kernel, "dense": dense, "losses": losses,
    "gamma": gamma.tolist(), "beta": beta.tolist(), "movingMean": mean.tolist(), "movingVariance": variance.tolist(),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
