#!/usr/bin/env python3
"""Times generalizer beside PyTorch, TensorFlow and JAX on this machine.

Every round runs each program once, one after the other, so that a machine that gets slower or faster does so for all. All get the same
synthetic images, the same cores and as many threads; each makes two passes over the data, of which the first warms up. A figure is the
batch over the median step of the second pass; a ratio is generalizer's figure over the peer's of the same round. Above 1, generalizer is faster.

With --device cuda: beside PyTorch's ways of being fast on a GPU, in f32, tf32 and bf16; see cuda_bench.py.
"""
import argparse
import gzip
import json
import os
import pathlib
import platform
import random
import statistics
import struct
import subprocess
import sys
import tempfile

import cuda_bench

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GRAPHS = {"published": "graphs/fashion-generalizer.toml", "conv": "graphs/fashion-convolutional.toml"}
PEERS = {
    "torch": ["torch_peer.py"],
    "torch-compile": ["torch_peer.py", "--compile"],
    "tensorflow": ["tensorflow_peer.py"],
    "tensorflow-xla": ["tensorflow_peer.py", "--xla"],
    "jax": ["jax_peer.py"],
}
MISSING = 3  # a peer's exit code when its framework can't be imported
OURS = "generalizer"


class Failure(Exception):
    pass


def parse_arguments():
    def names(known):
        def parse(text):
            chosen = text.split(",")
            for name in chosen:
                if name not in known:
                    raise argparse.ArgumentTypeError(f'"{name}" is none of {", ".join(known)}')
            return chosen
        return parse

    parser = argparse.ArgumentParser(prog="tests/bench/run.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="the Python that has the peers (scripts/setup.sh --peers DIR makes one)")
    parser.add_argument("--peers", type=names(PEERS), default=["torch", "tensorflow", "jax"], help=f"some of {','.join(PEERS)}")
    parser.add_argument("--nets", type=names(GRAPHS), default=["published"], help=f"some of {','.join(GRAPHS)}")
    parser.add_argument("--batches", type=lambda text: [int(size) for size in text.split(",")], default=[32, 128])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--images", type=int, help="synthetic images in one pass (default: 6400, with --device cuda 51200)")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/bin/generalizer")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="passed on to generalizer train")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON on stdout, the table on stderr")
    cuda = parser.add_argument_group("with --device cuda")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    cuda.add_argument("--precisions", type=names(["f32", "tf32", "bf16"]), default=["f32"], help="some of f32,tf32,bf16")
    cuda.add_argument("--ways", type=names(cuda_bench.WAYS), default=cuda_bench.WAYS, help=f"of PyTorch, some of {','.join(cuda_bench.WAYS)}")
    cuda.add_argument("--save", type=pathlib.Path, metavar="FILE", help="write the figures there as JSON, after each row again")
    cuda.add_argument("--backend", default="cuda", help="of generalizer; another than cuda, with --peer-device cpu, tries this harness without a card")
    cuda.add_argument("--peer-device", choices=["cuda", "cpu"], default="cuda")
    options = parser.parse_args()
    options.images = options.images or (51200 if options.device == "cuda" else 6400)
    if not options.program.exists():
        parser.error(f"{options.program} isn't there. Build it: cmake --preset release && cmake --build --preset release")
    if options.images < max(options.batches):
        parser.error(f"--images {options.images} is less than one batch of {max(options.batches)}")
    return options


def write_data(folder, count):
    """Random images and labels as IDX files under the names that Fashion-MNIST's have; the test set is a tenth."""
    rng = random.Random(0)
    for prefix, n in (("train", count), ("t10k", max(1, count // 10))):
        for name, header, body in (("images-idx3", struct.pack(">IIII", 0x803, n, 28, 28), rng.randbytes(n * 28 * 28)),
                                   ("labels-idx1", struct.pack(">II", 0x801, n), bytes(rng.randrange(10) for _ in range(n)))):
            with gzip.open(folder / f"{prefix}-{name}-ubyte.gz", "wb", compresslevel=1) as file:
                file.write(header + body)


def execute(command, options):
    """Runs on the first `threads` of the cores that this process may use; returns exit code, stdout and stderr."""
    cores = sorted(os.sched_getaffinity(0))[:options.threads]
    environment = os.environ | {"OMP_NUM_THREADS": str(options.threads), "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    return done.returncode, done.stdout, done.stderr


def last_lines(text):
    return " / ".join(line.strip() for line in text.strip().splitlines()[-3:]) or "it said nothing"


def field(record, key, path):
    if key not in record:
        raise Failure(f'{path} has no "{key}"; it has {", ".join(record)}.')
    return record[key]


def run_ours(net, batch, data, options):
    with tempfile.TemporaryDirectory(prefix="generalizer-bench-") as folder:
        out = pathlib.Path(folder) / "run"
        settings = [f"data.root={data}", f"train.batch={batch}", "train.epochs=2", *options.set]
        command = [str(options.program), "train", str(ROOT / GRAPHS[net]), "--out", str(out)]
        code, _, errors = execute(command + [part for setting in settings for part in ("--set", setting)], options)
        if code != 0:
            raise Failure(f"generalizer train ended with exit code {code}: {last_lines(errors)}")
        metrics, run = out / "metrics.jsonl", out / "run.json"
        last = json.loads(metrics.read_text().splitlines()[-1])
        step = field(last, "step_ms_median", metrics)
        return {"peer": OURS, "net": net, "batch": batch, "steps": options.images // batch, "images_per_second": 1e3 * batch / step,
                "epoch_images_per_second": field(last, "images_per_second", metrics), "step_ms_median": step,
                "startup_seconds": field(json.loads(run.read_text()), "startup_seconds", run), "peak_rss_mib": None}


def run_peer(name, net, batch, data, options):
    """The peer's own figures and None, or None and why there are none."""
    script, *flags = PEERS[name]
    code, output, errors = execute(
        [options.python, str(HERE / "peers" / script), *flags, "--net", net, "--batch", str(batch), "--threads", str(options.threads),
         "--images", str(data / "train-images-idx3-ubyte.gz"), "--labels", str(data / "train-labels-idx1-ubyte.gz")], options)
    if code == MISSING:
        return None, f"missing: {last_lines(errors)}"
    if code != 0:
        return None, f"failed with exit code {code}: {last_lines(errors)}"
    return json.loads(output.splitlines()[-1]), None


def middle(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def table(net, batch, results, absent):
    """Lines with median and spread over the rounds of every program, and ours over theirs, round by round."""
    lines = [f"{net}, batch {batch}", f"  {'':30} {'images/s':>24} {'ms a step':>10} {'start, s':>9}   ratio"]
    ours = results[OURS]
    for name, runs in results.items():
        speeds = [run["images_per_second"] for run in runs]
        ratio = "" if name == OURS else middle([a["images_per_second"] / b["images_per_second"] for a, b in zip(ours, runs)])
        spread = f"{statistics.median(speeds):.0f} ({min(speeds):.0f} to {max(speeds):.0f})"
        step = statistics.median(run["step_ms_median"] for run in runs)
        start = statistics.median(run["startup_seconds"] for run in runs)
        lines.append(f"  {runs[0]['peer']:30} {spread:>24} {step:10.2f} {start:9.2f}   {ratio}")
    return lines + [f"  {name:30} {why}" for name, why in absent.items()]


def main():
    options = parse_arguments()
    show = sys.stderr if options.json else sys.stdout
    everything, absent = [], {}
    print(f"{platform.processor() or platform.machine()}, {options.threads} threads, {options.images} synthetic images, "
          f"{options.rounds} rounds; median (lowest to highest)", file=show)
    with tempfile.TemporaryDirectory(prefix="generalizer-bench-data-") as folder:
        data = pathlib.Path(folder)
        write_data(data, options.images)
        if options.device == "cuda":
            if not cuda_bench.run(sys.modules[__name__], options, data, show):
                raise Failure("some rows lack figures; the tables above say why.")
            return
        for net in options.nets:
            for batch in options.batches:
                results = {OURS: []}
                for _ in range(options.rounds):
                    results[OURS].append(run_ours(net, batch, data, options))
                    for name in options.peers:
                        if name in absent:
                            continue
                        result, why = run_peer(name, net, batch, data, options)
                        if result is None:
                            absent[name] = why
                        else:
                            results.setdefault(name, []).append(result)
                everything += [run for runs in results.values() for run in runs]
                print("\n".join(["", *table(net, batch, results, absent)]), file=show, flush=True)
    if options.json:
        print(json.dumps({"threads": options.threads, "images": options.images, "rounds": options.rounds, "absent": absent,
                          "runs": everything}))
    if any(not why.startswith("missing") for why in absent.values()):
        raise Failure("a peer failed; the table above says which and why.")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
