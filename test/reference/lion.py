"""Writes lion.json: losses of 20 steps of Lion, by its formula in NumPy, float64.

Development only: python3 test/reference/lion.py, with numpy installed. The problem is that of optimizers.py, whose images,
labels and first weights are read from optimizers.json. The gradient of the softmax is written out.
"""

import json
import pathlib

import numpy as np

folder = pathlib.Path(__file__).parent
problem = json.loads((folder / "optimizers.json").read_text())
x = (np.array(problem["images"], dtype=np.float64) - 127.5) / 255
labels = np.array(problem["labels"])
STEPS = 20

# Learning rate, betas, and weight decay of the kernel and of the bias.
CASES = {
    "lion": (0.02, 0.9, 0.99, 0, 0),
    "lion weight decay": (0.02, 0.9, 0.99, 0.1, 0),
    "lion other betas, weight decay of all": (0.03, 0.6, 0.8, 0.2, 0.2),
}


def loss_and_gradients(kernel, bias):
    logits = x @ kernel + bias
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    right = np.eye(3)[labels]
    d = (np.exp(logs) - right) / len(labels)
    return -(logs * right).sum() / len(labels), (x.T @ d, d.sum(axis=0))


losses = {}
for name, (rate, beta1, beta2, *decays) in CASES.items():
    weights = [np.array(problem["kernel"], dtype=np.float64), np.zeros(3)]
    momenta = [np.zeros_like(w) for w in weights]
    losses[name] = []
    for _ in range(STEPS):
        loss, gradients = loss_and_gradients(*weights)
        losses[name].append(loss)
        for k, (w, g, m, decay) in enumerate(zip(weights, gradients, momenta, decays)):
            step = np.sign(beta1 * m + (1 - beta1) * g) + decay * w
            weights[k] = w - rate * step
            momenta[k] = beta2 * m + (1 - beta2) * g

(folder / "lion.json").write_text(json.dumps({"losses": losses}, indent=1) + "\n")
