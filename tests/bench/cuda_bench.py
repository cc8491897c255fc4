"""generalizer on a CUDA device beside PyTorch's ways of being fast there; `bench.py --device cuda` calls it.

For each network, precision and batch one process of PyTorch holds all its ways ready (peers/torch_gpu.py). A round is one training of generalizer and
one pass of each of PyTorch's ways, from host memory and from images that lie on the card, so that a card that gets slower or faster does so for all.
generalizer always reads from host memory. All figures are images a second over whole passes, the device waited for at both ends; a step's own time on
the host says nothing where work is queued.
"""
import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WAYS = ["eager", "compile", "reduce-overhead", "graph", "compile-graph"]  # PyTorch's; peers/torch_gpu.py explains them
SOURCES = ("host", "resident")
EPOCHS = 4  # of generalizer's trainings; the first warms up


class Peer:
    """A process of peers/torch_gpu.py."""

    def __init__(self, bench, options, data, net, precision, batch, *flags):
        command = [options.python, str(HERE / "peers/torch_gpu.py"), "--net", net, "--precision", precision, "--batch", str(batch),
                   "--device", options.peer_device, "--ways", ",".join(options.ways), "--threads", str(options.threads),
                   "--images", str(data / "train-images-idx3-ubyte.gz"), "--labels", str(data / "train-labels-idx1-ubyte.gz"), *flags]
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, env=os.environ)
        self.bench = bench
        first = self.answer()
        self.name, self.ready, self.absent = first["peer"], first["ready"], first["absent"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.errors.seek(0)
            raise self.bench.Failure(f"PyTorch's program ended with exit code {code}: {self.bench.last_lines(self.errors.read())}")
        return json.loads(line)

    def measure(self, way, source):
        self.process.stdin.write(f"{way} {source}\n")
        self.process.stdin.flush()
        return self.answer()["images_per_second"]

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def prepare(bench, options, data, combinations):
    """Compiles for all combinations at once, into torch.compile's cache on disk. Nothing is timed meanwhile."""
    def one(combination):
        try:
            Peer(bench, options, data, *combination, "--prepare").end()
        except bench.Failure:
            pass  # said where it is measured
    with concurrent.futures.ThreadPoolExecutor(max(1, len(os.sched_getaffinity(0)) // 2)) as pool:
        list(pool.map(one, combinations))


def offered(options):
    """The precisions that the backend offers, or None where it doesn't say."""
    done = subprocess.run([str(options.program), "plugins", options.backend, "--json"], capture_output=True, text=True)
    report = json.loads(done.stdout)[0]["report"] if done.returncode == 0 else {}
    return report.get("precisions")


def run_ours(bench, options, data, net, precision, batch):
    """Images a second in each epoch after the first."""
    with tempfile.TemporaryDirectory(prefix="generalizer-bench-") as folder:
        out = pathlib.Path(folder) / "run"
        settings = [f"data.root={data}", f"train.batch={batch}", f"train.epochs={EPOCHS}", f"backend={options.backend}", f"precision={precision}",
                    "train.pictures=0", *options.set]
        command = [str(options.program), "train", str(bench.ROOT / bench.GRAPHS[net]), "--out", str(out)]
        done = subprocess.run(command + [part for setting in settings for part in ("--set", setting)], capture_output=True, text=True)
        if done.returncode != 0:
            raise bench.Failure(f"generalizer train ended with exit code {done.returncode}: {bench.last_lines(done.stderr)}")
        epochs = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        return [epoch["images_per_second"] for epoch in epochs[1:]]


def measure(bench, options, data, net, precision, batch):
    row = {"net": net, "precision": precision, "batch": batch, "ours": [], "peers": {}, "absent": {}}
    peer = None
    try:
        peer = Peer(bench, options, data, net, precision, batch)
        row["peer"] = peer.name
        row["absent"] |= peer.absent
    except bench.Failure as failure:
        row["absent"]["torch"] = str(failure)
    known = offered(options)
    if known is not None and precision not in known:
        row["absent"][bench.OURS] = f"the backend doesn't offer {precision}"
    for _ in range(options.rounds):
        if bench.OURS not in row["absent"]:
            try:
                row["ours"].append(statistics.median(run_ours(bench, options, data, net, precision, batch)))
            except bench.Failure as failure:
                row["absent"][bench.OURS] = str(failure)
        for way in peer.ready if peer else []:
            for source in SOURCES:
                row["peers"].setdefault(f"{way}, {source}", []).append(peer.measure(way, source))
    if peer:
        peer.end()
    return row


def best(row, source):
    """PyTorch's fastest way from there, by the median of the rounds: its name and figures; None where there is none."""
    ways = {name: speeds for name, speeds in row["peers"].items() if name.endswith(source)}
    return max(ways.items(), key=lambda way: statistics.median(way[1])) if ways else None


def table(bench, row):
    lines = [f"{row['net']}, batch {row['batch']}, {row['precision']}"]
    for name, speeds in {bench.OURS: row["ours"], **row["peers"]}.items():
        if not speeds:
            continue
        ratio = "" if name == bench.OURS or not row["ours"] else bench.middle([ours / theirs for ours, theirs in zip(row["ours"], speeds)])
        lines.append(f"  {name:26} {statistics.median(speeds):12.0f} images/s ({min(speeds):.0f} to {max(speeds):.0f})   {ratio}")
    return lines + [f"  {name:26} {why}" for name, why in row["absent"].items()]


def run(bench, options, data, show):
    """Measures everything, prints tables, and saves what there is after each row. True where nothing failed."""
    combinations = [(net, precision, batch) for net in options.nets for precision in options.precisions for batch in options.batches]
    prepare(bench, options, data, combinations)
    result = {"backend": options.backend, "peer_device": options.peer_device, "images": options.images, "rounds": options.rounds, "epochs": EPOCHS, "rows": []}
    failed = False
    for combination in combinations:
        row = measure(bench, options, data, *combination)
        result["rows"].append(row)
        failed = failed or not row["ours"] or not row["peers"]
        print("\n".join(["", *table(bench, row)]), file=show, flush=True)
        if options.save:
            options.save.write_text(json.dumps(result, indent=2))
    if options.json:
        print(json.dumps(result))
    return not failed
