"""Runs model.wasm in wasmtime on images, a file of bytes [N,H,W,C]: prints their logits and class names as JSON.

FOLDER has both files.
"""

import json
import struct
import sys
from pathlib import Path

from wasmtime import Engine, Instance, Module, Store

folder = Path(sys.argv[1])
store = Store(Engine())
exports = Instance(store, Module.from_file(store.engine, str(folder / "model.wasm")), []).exports(store)
memory = exports["memory"]
number = lambda name: exports[name].value(store)
size = number("height") * number("width") * number("channels")
images = (folder / "images").read_bytes()
logits, answers = [], []
for start in range(0, len(images), size):
    memory.write(store, images[start : start + size], number("pixels"))
    best = exports["classify"](store)
    end = number("logits") + 4 * number("classes")
    logits += struct.unpack(f"<{number('classes')}f", memory.read(store, number("logits"), end))
    address, length = struct.unpack("<2I", memory.read(store, number("class_names") + 8 * best, number("class_names") + 8 * best + 8))
    answers.append(memory.read(store, address, address + length).decode())
print(json.dumps({"logits": logits, "answers": answers}))
