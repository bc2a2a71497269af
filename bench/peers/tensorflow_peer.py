"""
TensorFlow: tf.function, oneDNN on, channels last. In training one step or many a call; XLA, 2 to 4 times slower there,
is tried in inference only. Local response normalization by its own op, or with a convolution, which has a faster
gradient.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import tensorflow as tf

from case import apply_layers, neighbors
from protocol import arguments, serve

ARGUMENTS = arguments()
THREADS = ARGUMENTS.threads
tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(1)


def operations(training, lrn):
    def conv2d(layer, w, x):
        y = tf.nn.conv2d(x, w["kernel"], layer["strides"], layer["padding"].upper())
        return tf.nn.bias_add(y, w["bias"]) if "bias" in w else y

    def dense(layer, w, x):
        return tf.nn.bias_add(tf.matmul(x, w["kernel"]), w["bias"])

    def max_pool(layer, _, x):
        size = layer["poolSize"]
        return tf.nn.max_pool2d(x, size, layer.get("strides", size), layer["padding"].upper())

    def normalize(layer, w, x):
        scale, offset, epsilon = w["gamma"], w["beta"], layer["epsilon"]
        if not training:
            y, _, _ = tf.compat.v1.nn.fused_batch_norm(
                x, scale, offset, w["movingMean"], w["movingVariance"], epsilon, is_training=False
            )
            return y
        y, mean, variance = tf.compat.v1.nn.fused_batch_norm(x, scale, offset, epsilon=epsilon)
        for name, value in (("movingMean", mean), ("movingVariance", variance)):
            w[name].assign_sub((1 - layer["momentum"]) * (w[name] - value))
        return y

    return {
        "conv2d": conv2d,
        "dense": dense,
        "maxPool2d": max_pool,
        "batchNormalization": normalize,
        "localResponseNormalization": lrn,
        "relu": lambda layer, w, x: tf.nn.relu(x),
        "dropout": lambda layer, w, x: x,
        "identity": lambda layer, w, x: x,
        "add": lambda layer, w, x, y: x + y,
        "flatten": lambda layer, w, x: tf.reshape(x, [x.shape[0], -1]),
        "globalAveragePool2d": lambda layer, w, x: tf.reduce_mean(x, [1, 2]),
    }


def lrn_op(layer, _, x):
    return tf.nn.local_response_normalization(x, layer["depthRadius"], layer["bias"], layer["alpha"], layer["beta"])


def lrn_convolution(layer, _, x):
    band = tf.constant(neighbors(layer, x.shape[-1])[None, None])
    sums = layer["bias"] + tf.nn.conv2d(tf.square(x), band, 1, "VALID")
    return x * tf.math.rsqrt(sums * tf.sqrt(sums))


class Data:
    def __init__(self, case):
        self.pixels, self.labels = tf.constant(case.pixels), tf.constant(case.labels)
        self.case = case

    def batch(self, k):
        first, size = k % self.case.batches * self.case.batch_size, self.case.batch_size
        x = tf.slice(self.pixels, [first, 0, 0, 0], [size, *self.pixels.shape[1:]])
        return x, tf.slice(self.labels, [first], [size])


def trainer(case, loop, lrn):
    data = Data(case)
    weights = {name: tf.Variable(value, trainable=name in case.trained) for name, value in case.weights.items()}
    trained = [weights[name] for name in case.trained]
    settings = case.optimizer
    velocities = [tf.Variable(tf.zeros_like(w), trainable=False) for w in trained] if settings["momentum"] else []
    forward = operations(True, lrn)

    def update(gradients):
        rate = settings["learningRate"]
        if settings["weightDecay"]:
            gradients = [g + settings["weightDecay"] * w if len(w.shape) > 1 else g for w, g in zip(trained, gradients)]
        if not velocities:
            for w, g in zip(trained, gradients):
                w.assign_sub(rate * g)
        for w, v, g in zip(trained, velocities, gradients):
            v.assign(settings["momentum"] * v + g)
            w.assign_sub(rate * (g + settings["momentum"] * v))

    def step(x, label):
        with tf.GradientTape() as tape:
            logits = apply_layers(case.layers, forward, x, weights)
            losses = loss_of(logits, label, case.label_smoothing)
            loss = tf.reduce_mean(losses)
        update(tape.gradient(loss, trained))
        return loss

    if loop:

        @tf.function
        def steps(first, n):
            loss = tf.constant(0.0)
            for k in tf.range(first, first + n):
                loss = step(*data.batch(k))
            return loss

        return lambda first, n: float(steps(tf.constant(first), tf.constant(n)))

    compiled = tf.function(step)
    batches = [data.batch(k) for k in range(case.batches)]

    def run(first, n):
        for k in range(first, first + n):
            loss = compiled(*batches[k % case.batches])
        return float(loss)

    return run


def loss_of(logits, label, smoothing):
    if smoothing == 0:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(label, logits)
    classes = logits.shape[1]
    target = tf.one_hot(label, classes, 1 - smoothing + smoothing / classes, smoothing / classes)
    return tf.nn.softmax_cross_entropy_with_logits(target, logits)


def predictor(case, xla, lrn):
    data = Data(case)
    weights = {name: tf.constant(value) for name, value in case.weights.items()}
    forward = operations(False, lrn)
    compiled = tf.function(lambda x: apply_layers(case.layers, forward, x, weights), jit_compile=xla)
    batches = [data.batch(k)[0] for k in range(case.batches)]

    def run(first, n):
        for k in range(first, first + n):
            logits = compiled(batches[k % case.batches]).numpy()
        return logits

    return run


def variants(case):
    has_lrn = any(layer["type"] == "localResponseNormalization" for layer in case.layers)
    for lrn in (lrn_op, lrn_convolution) if has_lrn and not ARGUMENTS.own_lrn else (lrn_op,):
        suffix = ", LRN as a convolution" if lrn is lrn_convolution else ""
        if case.mode == "training":
            yield f"tf.function{suffix}", lambda: trainer(case, False, lrn)
            yield f"tf.function, many steps a call{suffix}", lambda: trainer(case, True, lrn)
        else:
            yield f"tf.function{suffix}", lambda: predictor(case, False, lrn)
            yield f"tf.function, XLA{suffix}", lambda: predictor(case, True, lrn)


serve(tf.__version__, variants, THREADS)
