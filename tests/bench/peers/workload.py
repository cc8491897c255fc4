"""What the peers' programs have in common: arguments, data, and how a step is timed.

The work is the one of `generalizer train` on the same files. For each batch the classifier takes a step that minimises
cross_entropy - weight * mse over its own weights; then the decoder takes one that minimises mse over its own, on the same batch, with the
representation computed from the classifier's new weights. Adam for each (1e-3, epsilon 1e-7).

`published`  conv 3x3x32 relu, dense 128 relu (the tap), dense 10; decoder dense 784 sigmoid
`conv`       [conv 3x3 bn relu] x 2 with 32 channels, max-pool, the same with 64, dense 128 relu (the tap), dense 10; decoder dense 64*7*7 relu,
             conv-transpose 4x4 stride 2 to 32 relu, conv-transpose 4x4 stride 2 to 1 sigmoid

A program prints one JSON object; where its framework can't be imported it says which module is missing and exits with 3.
"""
import argparse
import gzip
import json
import os
import resource
import statistics
import sys
import time

MISSING = 3


def arguments(description, options=None, lists=None, **flags):
    """More of them: `options` of name → (choices, default), `lists` of name → what some of may be named between commas, `flags` of name → help."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=["published", "conv"], default="published")
    parser.add_argument("--images", required=True, help="IDX file of images, gzipped")
    parser.add_argument("--labels", required=True, help="IDX file of labels, gzipped")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--weight", type=float, default=2.0, help="how much the decoder's loss counts against the classifier's")
    for name, (choices, default) in (options or {}).items():
        parser.add_argument(f"--{name}", choices=choices, default=default)
    for name, known in (lists or {}).items():
        parser.add_argument(f"--{name}", type=lambda text: text.split(","), default=known, help=f"some of {','.join(known)}")
    for name, text in flags.items():
        parser.add_argument(f"--{name}", action="store_true", help=text)
    return parser.parse_args()


def missing(error):
    print(f"{error}", file=sys.stderr)
    sys.exit(MISSING)


def load(options):
    """Images {n,28,28} in [0, 1] in f32 and labels {n} in i64, as numpy arrays."""
    import numpy as np

    def read(path, header):
        with gzip.open(path) as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    return read(options.images, 16).reshape(-1, 28, 28).astype("float32") / 255, read(options.labels, 8).astype("int64")


def since_start():
    """Seconds since the operating system started this process."""
    with open("/proc/self/stat") as file:
        started = int(file.read().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def measure(options, peer, step, count):
    """Two passes over the data, the first to warm up. `step` takes the batch's indices and returns when both steps are done."""
    import numpy as np

    rng, startup = np.random.default_rng(0), None
    for _ in range(2):
        order, times = rng.permutation(count), []
        began = time.perf_counter()
        for first in range(0, count - options.batch + 1, options.batch):
            before = time.perf_counter()
            step(order[first:first + options.batch])
            times.append(time.perf_counter() - before)
            startup = startup or since_start()
        epoch = time.perf_counter() - began
    median = statistics.median(times)
    print(json.dumps({
        "peer": peer, "net": options.net, "batch": options.batch, "steps": len(times),
        "images_per_second": options.batch / median, "epoch_images_per_second": options.batch * len(times) / epoch,
        "step_ms_median": 1e3 * median, "startup_seconds": startup,
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
