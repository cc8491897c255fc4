#!/usr/bin/env python3
"""Writes the beginnings of Fashion-MNIST's four files: enough for 200 steps, and small enough to be carried along.

    first_images.py FROM TO [--train 6400] [--test 640]

The bytes that come out depend on the images alone, so that two machines that cut the same files hold the same data.
"""
import argparse
import gzip
import pathlib
import struct

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("source", metavar="FROM", type=pathlib.Path, help="the folder of the whole files")
parser.add_argument("target", metavar="TO", type=pathlib.Path, help="the folder to write to; it is made")
parser.add_argument("--train", type=int, default=6400, help="training images (default: 6400)")
parser.add_argument("--test", type=int, default=640, help="test images (default: 640)")
options = parser.parse_args()

options.target.mkdir(parents=True, exist_ok=True)
for prefix, count in (("train", options.train), ("t10k", options.test)):
    for name, header in ((f"{prefix}-images-idx3-ubyte.gz", ">IIII"), (f"{prefix}-labels-idx1-ubyte.gz", ">II")):
        with gzip.open(options.source / name) as file:
            magic, whole, *sides = struct.unpack(header, file.read(struct.calcsize(header)))
            size = 1
            for side in sides:
                size *= side
            if count > whole:
                parser.error(f"{options.source / name} holds {whole} records, and {count} were asked for")
            records = file.read(count * size)
        with gzip.GzipFile(options.target / name, "wb", compresslevel=9, mtime=0) as file:
            file.write(struct.pack(header, magic, count, *sides) + records)
