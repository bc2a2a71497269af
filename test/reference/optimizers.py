"""Writes optimizers.json: losses of 20 steps of each optimizer in PyTorch, float64.

Development only: python3 test/reference/optimizers.py, with torch installed. The problem is one dense layer on
six images of 2x2 pixels, three classes, one batch.
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
IMAGES = [[(37 * (4 * n + i) + 11 * n * i) % 256 for i in range(4)] for n in range(6)]
LABELS = [0, 1, 2, 0, 1, 2]
KERNEL = [[((5 * i + 3 * k) % 7 - 3) / 8 for k in range(3)] for i in range(4)]
STEPS = 20

CASES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.5),
    "sgd weight decay": lambda p: torch.optim.SGD([{"params": p[:1], "weight_decay": 0.1}, {"params": p[1:]}], lr=0.5),
    "sgd weight decay of all": lambda p: torch.optim.SGD(p, lr=0.5, weight_decay=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-7),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adam weight decay": lambda p: torch.optim.Adam([{"params": p[:1], "weight_decay": 0.1}, {"params": p[1:]}], lr=0.05),
    "adamw": lambda p: torch.optim.AdamW([{"params": p[:1], "weight_decay": 0.1}, {"params": p[1:], "weight_decay": 0}], lr=0.05),
    "clip": lambda p: torch.optim.SGD(p, lr=0.5),
}

x = (torch.tensor(IMAGES, dtype=torch.float64) - 127.5) / 255
y = torch.tensor(LABELS)
losses = {}
for name, make in CASES.items():
    w = torch.tensor(KERNEL, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(3, requires_grad=True)
    optimizer = make([w, b])
    losses[name] = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(x @ w + b, y)
        loss.backward()
        if name == "clip":
            torch.nn.utils.clip_grad_norm_([w, b], 0.1)
        optimizer.step()
        losses[name].append(loss.item())

path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"images": IMAGES, "labels": LABELS, "kernel": KERNEL, "losses": losses}, indent=1) + "\n")
