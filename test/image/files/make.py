"""Makes the pictures of this folder by Pillow: kinds of JPEG and WebP that no encoder in JavaScript writes."""

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 33, 41
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
noise = np.random.default_rng(1).integers(0, 60, (HEIGHT, WIDTH, 4))
waves = np.stack([97 + 97 * np.sin(x / (3 + k) + y / (5 + 2 * k)) for k in range(4)], -1)
pixels = (waves + noise).astype(np.uint8)


def picture(mode, shift=0):
    channels = {"L": 1, "RGB": 3, "CMYK": 4, "RGBA": 4}[mode]
    return Image.fromarray(np.roll(pixels, shift, 1)[..., :channels].squeeze(), mode)


for name, mode, options in [
    ("grey", "L", {}),
    ("grey-progressive", "L", {"progressive": True}),
    ("444", "RGB", {"subsampling": 0, "quality": 95}),
    ("422", "RGB", {"subsampling": 1}),
    ("420", "RGB", {"subsampling": 2}),
    ("420-progressive", "RGB", {"subsampling": 2, "progressive": True}),
    ("420-restart", "RGB", {"subsampling": 2, "restart_marker_blocks": 2}),
    ("422-progressive-restart", "RGB", {"subsampling": 1, "progressive": True, "restart_marker_rows": 1}),
    ("coarse", "RGB", {"quality": 3}),
    ("rgb", "RGB", {"keep_rgb": True}),
    ("cmyk", "CMYK", {}),
    ("cmyk-progressive", "CMYK", {"progressive": True}),
]:
    picture(mode).save(f"{name}.jpg", **options)

for name, mode, options in [
    ("lossy", "RGB", {"quality": 60}),
    ("lossy-alpha", "RGBA", {"quality": 60, "alpha_quality": 40}),
    ("lossless", "RGB", {"lossless": True}),
    ("lossless-alpha", "RGBA", {"lossless": True, "exact": True}),
]:
    picture(mode).save(f"{name}.webp", **options)
frames = [picture("RGBA", shift) for shift in (0, 5, 10)]
frames[0].save("animated.webp", save_all=True, append_images=frames[1:], duration=50, background=(9, 200, 30, 100))
