#!/usr/bin/env python3
"""Makes the .npz files beside this file, as NumPy writes them.

    python tests/datasets/files/make_npz.py

Number i of the images, counted with the last extent running fastest, is 7·i mod 256, whatever their type and order; labels are 0, 1, 2, 1, 0.
"""
import io
import pathlib
import zipfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent
images = (numpy.arange(5 * 4 * 3) * 7 % 256).astype("u1").reshape(5, 4, 3)
colours = (numpy.arange(5 * 3 * 6 * 5) * 7 % 256).astype("u1").reshape(5, 3, 6, 5)
labels = numpy.array([0, 1, 2, 1, 0])


def npy(array, version=None):
    stream = io.BytesIO()
    numpy.lib.format.write_array(stream, array, version)
    return stream.getvalue()


numpy.savez_compressed(HERE / "keras.npz", x_train=images, y_train=labels.astype("u1"), x_test=images[:3], y_test=labels[:3])

arrays = {"x_" + t: images.astype(t) for t in ["u1", "<i2", "<u2", ">u2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]}
arrays |= {"x_fortran": numpy.asfortranarray(images), "x_fortran_f4": numpy.asfortranarray(images.astype("f4")), "x_half": (images // 2).astype("i1"),
           "x_bool": images > 127, "x_rows": images.reshape(5, 12), "x_first": colours, "x_last": numpy.ascontiguousarray(colours.transpose(0, 2, 3, 1)),
           "x_last_f4": numpy.ascontiguousarray(colours.transpose(0, 2, 3, 1)).astype("f4"), "x_open": numpy.zeros((5, 3, 3, 3), "u1"), "x_zero_one": images > 127,
           "x_unit": (images / 255).astype("f4"), "x_centred": images / 127.5 - 1, "x_empty": images[:0], "x_number": numpy.array(3.0),
           "x_objects": numpy.array([{}, []], dtype=object), "x_fields": numpy.zeros(5, [("a", "f4"), ("b", "i4")]), "x_complex": images.astype("c8")}
arrays["x_zero_one"] = arrays["x_zero_one"].astype("u1")
bad = images.astype("f4")
bad[3, 0, 1] = numpy.nan
arrays |= {"x_nan": bad, "y_i8": labels, "y_column": labels.reshape(5, 1), "y_float": labels.astype("f4"), "y_onehot": numpy.eye(4, dtype="f4")[labels],
           "y_fraction": labels + 0.5, "y_text": numpy.array(["a", "b", "c", "b", "a"]), "y_many": numpy.ones((5, 4), "i4"), "y_short": labels[:4],
           "y_gap": labels * 2, "y_negative": labels - 1, "y_huge": labels + 2**40}
numpy.savez(HERE / "types.npz", **arrays)

with zipfile.ZipFile(HERE / "versions.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    for version in [(1, 0), (2, 0), (3, 0)]:
        archive.writestr(f"x_{version[0]}.npy", npy(images, version))
    python2 = npy(images).replace(b"(5, 4, 3), }", b"(5L, 4, 3)} ")
    archive.writestr("x_python2.npy", python2)
    archive.writestr("y.npy", npy(labels))

zipfile.ZIP64_LIMIT = 10  # so that every entry and the directory are in the form of files beyond 4 GB
with zipfile.ZipFile(HERE / "zip64.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    for name, array in [("x_train", images), ("y_train", labels), ("x_test", images[:3]), ("y_test", labels[:3])]:
        archive.writestr(name + ".npy", npy(array))
