"""
JAX: one jit a step; many steps in a loop of its own are 4 to 20 times slower, since its convolutions then have one
thread. It has no option for threads, so it is held to that many processors.
"""

import os

from protocol import arguments, serve

THREADS = arguments().threads
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
from jax import lax

from case import apply_layers, neighbors

DIMENSIONS = ("NHWC", "HWIO", "NHWC")


def operations(training):
    def conv2d(layer, w, x):
        y = lax.conv_general_dilated(
            x, w["kernel"], layer["strides"], layer["padding"].upper(), dimension_numbers=DIMENSIONS
        )
        return y + w["bias"] if "bias" in w else y

    def max_pool(layer, _, x):
        size = layer["poolSize"]
        strides = layer.get("strides", size)
        return lax.reduce_window(
            x, -jnp.inf, lax.max, (1, *size, 1), (1, *strides, 1), layer["padding"].upper()
        )

    def normalize(layer, w, x):
        mean, variance = w["movingMean"], w["movingVariance"]
        if training:
            momentum = layer["momentum"]
            batch_mean = x.mean((0, 1, 2))
            batch_variance = jnp.square(x).mean((0, 1, 2)) - jnp.square(batch_mean)
            w["movingMean"] = momentum * mean + (1 - momentum) * batch_mean
            w["movingVariance"] = momentum * variance + (1 - momentum) * batch_variance
            mean, variance = batch_mean, batch_variance
        scale = w["gamma"] * lax.rsqrt(variance + layer["epsilon"])
        return x * scale + (w["beta"] - mean * scale)

    def lrn(layer, _, x):
        sums = layer["bias"] + jnp.square(x) @ neighbors(layer, x.shape[-1])
        return x * lax.rsqrt(sums * jnp.sqrt(sums))

    return {
        "conv2d": conv2d,
        "dense": lambda layer, w, x: x @ w["kernel"] + w["bias"],
        "maxPool2d": max_pool,
        "batchNormalization": normalize,
        "localResponseNormalization": lrn,
        "relu": lambda layer, w, x: jax.nn.relu(x),
        "dropout": lambda layer, w, x: x,
        "identity": lambda layer, w, x: x,
        "add": lambda layer, w, x, y: x + y,
        "flatten": lambda layer, w, x: x.reshape(x.shape[0], -1),
        "globalAveragePool2d": lambda layer, w, x: x.mean((1, 2)),
    }


def trainer(case):
    size, settings = case.batch_size, case.optimizer
    pixels, labels = jnp.asarray(case.pixels), jnp.asarray(case.labels)
    forward = operations(training=True)
    weights = {name: jnp.asarray(value) for name, value in case.weights.items()}
    trained = {name: weights[name] for name in case.trained}
    others = {name: value for name, value in weights.items() if name not in case.trained}
    velocities = {name: jnp.zeros_like(w) for name, w in trained.items()} if settings["momentum"] else {}

    def loss_of(trained, others, x, label):
        scope = {**trained, **others}
        logits = apply_layers(case.layers, forward, x, scope)
        classes = logits.shape[1]
        target = jax.nn.one_hot(label, classes) * (1 - case.label_smoothing) + case.label_smoothing / classes
        loss = -(jax.nn.log_softmax(logits) * target).sum(1).mean()
        return loss, {name: scope[name] for name in others}

    def update(w, g, v):
        g = g + settings["weightDecay"] * w if w.ndim > 1 else g
        if v is None:
            return w - settings["learningRate"] * g, None
        v = settings["momentum"] * v + g
        return w - settings["learningRate"] * (g + settings["momentum"] * v), v

    def step(k, state):
        trained, others, velocities, _ = state
        first = k % case.batches * size
        x, label = lax.dynamic_slice_in_dim(pixels, first, size), lax.dynamic_slice_in_dim(labels, first, size)
        (loss, others), gradients = jax.value_and_grad(loss_of, has_aux=True)(trained, others, x, label)
        updated = {name: update(w, gradients[name], velocities.get(name)) for name, w in trained.items()}
        velocities = {name: v for name, (_, v) in updated.items() if v is not None}
        return {name: w for name, (w, _) in updated.items()}, others, velocities, loss

    compiled = jax.jit(step, donate_argnums=1)
    state = (trained, others, velocities, jnp.float32(0))

    def run(first, n):
        nonlocal state
        for k in range(first, first + n):
            state = compiled(k, state)
        return float(state[3])

    return run


def predictor(case):
    weights = {name: jnp.asarray(value) for name, value in case.weights.items()}
    forward = operations(training=False)
    compiled = jax.jit(lambda x: apply_layers(case.layers, forward, x, dict(weights)))
    size = case.batch_size
    batches = [jnp.asarray(case.pixels[k * size : (k + 1) * size]) for k in range(case.batches)]

    def run(first, n):
        for k in range(first, first + n):
            logits = jax.device_get(compiled(batches[k % case.batches]))
        return logits

    return run


def variants(case):
    yield "jit", lambda: trainer(case) if case.mode == "training" else predictor(case)


serve(jax.__version__, variants, THREADS)
