"""The peers' side of the protocol: a line of JSON in, a line of JSON out. See src/child.mjs for the other side."""

import argparse
import json
import os
import sys
import time
import traceback

from case import Unsupported, read_case

CHECKED_STEPS = 3
TRIAL_SECONDS = 0.5


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--own-lrn", action="store_true", help="local response normalization by the peer's own op only")
    return parser.parse_args()


def serve(version, variants, threads):
    """
    Serves cases to the end of the input.

    variants(case) gives (name, make) for each way in which the peer can run the case. make() gives run(first, n),
    which runs n batches from batch number `first` on, and returns the last one's loss, or its logits.
    """
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries print what they like
    current = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "prepare" in request:
                current = None  # frees the one before
                current, reply = _prepare(request["prepare"], variants, threads, version)
            else:
                reply = current.timed(request["run"])
        except Unsupported as reason:
            reply = {"unsupported": str(reason)}
        except Exception as error:
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=replies, flush=True)


class _Runner:
    def __init__(self, case, name, run):
        self.case, self.name, self._run, self._next = case, name, run, 0

    def step(self, n):
        result = self._run(self._next, n)
        self._next = (self._next + n) % self.case.batches
        return result

    def timed(self, n):
        started = time.perf_counter()
        self.step(n)
        return {"steps": n, "seconds": time.perf_counter() - started}

    def seconds_a_step(self):
        """The best of three trials, after one to warm up."""
        once = self.timed(1)["seconds"]
        n = max(1, int(TRIAL_SECONDS / 3 / once))
        return min(self.timed(n)["seconds"] / n for _ in range(4))


def _prepare(request, variants, threads, version):
    """Builds all variants, and keeps the fastest."""
    case = read_case(request["folder"], request["mode"], request["batchSize"], threads)
    best, tried = None, {}
    for name, make in variants(case):
        try:
            runner = _Runner(case, name, make())
            checked = [runner.step(1) for _ in range(CHECKED_STEPS if case.mode == "training" else 1)]
            tried[name] = runner.seconds_a_step()
        except Unsupported:
            raise
        except Exception as error:
            traceback.print_exc()
            tried[name] = f"failed: {type(error).__name__}"
            continue
        if best is None or tried[name] < best[0]:
            best = (tried[name], runner, checked)
    if best is None:
        raise RuntimeError(f"every variant failed: {tried}")
    _, runner, checked = best
    results = [float(x) for x in checked] if case.mode == "training" else [float(x) for x in checked[0].ravel()]
    reply = {
        "version": version,
        "variant": runner.name,
        "tried": tried,
        "parameters": case.parameters,
        "results": results,
    }
    return runner, reply
