#!/usr/bin/env python3
"""Makes small pictures with Pillow, and pictures.json beside this file: what Pillow reads from them, makes grey of them and resizes them to.

    python tests/datasets/files/make_pictures.py

With Pillow before 13: from then on columns come before rows where the height shrinks more than the width, which rounds some pixels otherwise, by 1.
"""
import json
import pathlib

import numpy
from PIL import Image, __version__

HERE = pathlib.Path(__file__).resolve().parent
random = numpy.random.default_rng(20240501)


def smooth(height, width, channels):
    """Waves and some noise, so that a JPEG has something to do and a resized picture something to blur."""
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [128 + 90 * numpy.sin(x / (2 + c) + y / 5) + 30 * random.random((height, width)) for c in range(channels)]
    return numpy.clip(numpy.stack(planes, -1), 0, 255).astype(numpy.uint8)


def pixels(image):
    return numpy.asarray(image).tobytes().hex()


def main():
    if int(__version__.split(".")[0]) >= 13:
        raise SystemExit(f"Pillow is {__version__}, and before 13 was expected (see above). Run: pip install 'pillow<13'")
    rgb, grey = Image.fromarray(smooth(11, 17, 3)), Image.fromarray(smooth(9, 7, 1)[:, :, 0])
    rgb.save(HERE / "rgb.png")
    grey.save(HERE / "grey.png")
    rgb.quantize(16).save(HERE / "palette.png")
    rgb.save(HERE / "rgb.jpg", quality=85, subsampling=0)
    grey.save(HERE / "grey.jpg", quality=85)
    rgb.save(HERE / "progressive.jpg", quality=85, subsampling=0, progressive=True)
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: the camera was held on its side
    rgb.save(HERE / "turned.jpg", quality=85, subsampling=0, exif=turned)
    pictures = []
    for name in ["rgb.png", "grey.png", "palette.png", "rgb.jpg", "grey.jpg", "progressive.jpg", "turned.jpg"]:
        image = Image.open(HERE / name)
        if image.mode == "P":
            image = image.convert("RGB")
        sizes = [(8, 8), (20, 15), (image.width, 5), (3, image.height), (1, 1)]
        pictures.append({"file": name, "pixels": pixels(image), "grey": pixels(image.convert("L")), "rgb": pixels(image.convert("RGB")),
                         "resized": [{"size": size, "pixels": pixels(image.resize(size, Image.Resampling.BILINEAR))} for size in sizes]})
    (HERE / "pictures.json").write_text(json.dumps({"by": f"Pillow {__version__}", "pictures": pictures}) + "\n")


main()
