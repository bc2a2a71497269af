"""Compares Inkling's pixels with Pillow's, for every picture in some folders:

    npm run build
    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pillow numpy
    /tmp/venv/bin/python tools/decoder/compare.py FOLDER...

Meant for the test suites of image libraries: PngSuite, Pillow's Tests/images, sharp's and libvips's fixtures, image-rs,
exif-orientation-examples. Pictures are turned by ImageOps.exif_transpose, composited onto white, and compared in RGB; they
are equal if no sample differs by more than 12. Printed are all that are not, and the totals.
"""

import base64
import json
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, ImageOps

LIMIT = 12
EXTENSIONS = set(".png .apng .jpg .jpeg .jpe .jfif .webp .gif .bmp .dib .tif .tiff .pbm .pgm .ppm .pnm .pam .avif .heic".split())

warnings.simplefilter("ignore")
Image.MAX_IMAGE_PIXELS = 2**25  # it refuses twice as many


def by_pillow(path):
    with Image.open(path) as image:
        image.load()
        image = ImageOps.exif_transpose(image)
        if image.mode in ("I", "I;16", "I;16B", "I;16L"):
            gray = np.asarray(image).astype(np.float64) / 257
            return np.repeat(np.round(gray)[..., None], 3, axis=2)
        if image.mode == "F":
            raise ValueError("floating-point samples")
        if "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info:
            pixels = np.asarray(image.convert("RGBA")).astype(np.float64)
            alpha = pixels[..., 3:] / 255
            return np.round(pixels[..., :3] * alpha + 255 * (1 - alpha))
        return np.asarray(image.convert("RGB")).astype(np.float64)


def main(folders):
    files = sorted(str(f) for folder in folders for f in Path(folder).rglob("*") if f.suffix.lower() in EXTENSIONS and f.is_file())
    script = str(Path(__file__).with_name("decode.mjs"))
    node = subprocess.Popen(["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    totals = Counter()
    for file in files:
        node.stdin.write(f"{file}\n")
        node.stdin.flush()
        result = json.loads(node.stdout.readline())
        try:
            expected, problem = by_pillow(file), None
        except Exception as error:  # Pillow refuses files by many kinds of exceptions
            expected, problem = None, f"{type(error).__name__}: {error}"
        if "reason" in result:
            kind = "refused by both" if expected is None else "refused, though Pillow reads it"
            print(f"{kind}: {file}: {result['reason']}{'' if problem is None else f' | {problem}'}")
        else:
            height, width, channels = result["shape"]
            pixels = np.frombuffer(base64.b64decode(result["pixels"]), np.uint8).reshape(height, width, channels)
            found = np.broadcast_to(pixels, (height, width, 3)).astype(np.float64)
            if expected is None:
                kind = "read, though Pillow refuses it"
                print(f"{kind}: {file}: {problem}")
            elif expected.shape != found.shape:
                kind = "of another size"
                print(f"{kind}: {file}: {found.shape}, {expected.shape}")
            else:
                most = np.abs(found - expected).max()
                kind = "equal" if most <= LIMIT else "different"
                if kind == "different":
                    share = (np.abs(found - expected) > LIMIT).any(axis=2).mean()
                    print(f"{kind}: {file}: by up to {most:.0f}, {share:.2%} of the pixels")
        totals[kind] += 1
    node.stdin.close()
    print(f"{len(files)} files: " + ", ".join(f"{count} {kind}" for kind, count in totals.most_common()))


main(sys.argv[1:])
