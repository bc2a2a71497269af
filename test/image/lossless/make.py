"""Makes pictures of formats without loss, all of the same pixels, with Pillow 12 and NumPy: python make.py

Pixel (y, x) of the color pictures is (20 x, 28 y, 10 (x + y)), that of the gray ones 20 x + y, at 9 rows and 12 columns.
"""

from pathlib import Path

import numpy as np
from PIL import Image

here = Path(__file__).parent
y, x = np.mgrid[0:9, 0:12]
color = Image.fromarray(np.stack([20 * x, 28 * y, 10 * (x + y)], axis=2).astype(np.uint8))
gray = Image.fromarray((20 * x + y).astype(np.uint8))
deep = Image.fromarray(((20 * x + y) * 257).astype(np.uint16))
palette = color.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)

color.save(here / "color.bmp")
palette.save(here / "palette.bmp")
gray.save(here / "gray.bmp")
palette.save(here / "palette.gif")
gray.save(here / "gray.gif")
gray.save(here / "animated.gif", save_all=True, append_images=[deep.convert("L").rotate(180)])
color.save(here / "color.ppm")
gray.save(here / "gray.pgm")
for compression in ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"]:
    color.save(here / f"color-{compression.replace('tiff_', '')}.tif", compression=compression)
gray.save(here / "gray.tif")
deep.save(here / "deep.tif")
palette.save(here / "palette.tif")
color.save(here / "orientation-6.tif", tiffinfo={274: 6})
assert (np.asarray(palette.convert("RGB")) == np.asarray(color)).all()
