#!/usr/bin/env python3
"""The alternating training in PyTorch on a GPU, in every way that PyTorch has to make it fast; see workload.py for the work.

  eager            each operation by itself
  compile          both losses by torch.compile
  reduce-overhead  the same with mode="reduce-overhead", which replays CUDA graphs
  graph            the whole step of both players as one CUDA graph
  compile-graph    the same of the compiled losses

Adam is the fused one. tf32 turns TensorFloat-32 on for matmul and convolution, bf16 is autocast with f32 weights, and both take the convolutional
network in channels-last. Batches come from images that lie on the card (`resident`), or from host memory through pinned buffers (`host`).

Builds and warms up all ways, prints one line of JSON: {"peer", "ready": [WAY], "absent": {WAY: why}}. Then for each line "WAY SOURCE" of standard input
it makes one pass over the data and answers {"images_per_second", "step_ms"}; the clock is read with nothing left to do on the card.
"""
import json
import sys
import time

import workload

WAYS = ["eager", "compile", "reduce-overhead", "graph", "compile-graph"]

options = workload.arguments(__doc__, options={"precision": (["f32", "tf32", "bf16"], "f32"), "device": (["cuda", "cpu"], "cuda")},
                             lists={"ways": WAYS}, prepare="build and warm up, which fills torch.compile's cache, and end")
try:
    import torch
    import torch_nets
except ImportError as error:
    workload.missing(error)

on_card = options.device == "cuda"
torch.set_num_threads(options.threads)
if on_card and not torch.cuda.is_available():
    workload.missing("PyTorch sees no CUDA device")
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
torch.backends.cudnn.benchmark = True
channels_last = options.net == "conv" and options.precision != "f32"


def synchronize():
    if on_card:
        torch.cuda.synchronize()


class Training:
    """One network with its optimizers; a step works on the buffers `x` and `y`, which keep their place."""

    def __init__(self, way):
        self.way = way
        torch.manual_seed(0)
        shared, head, decoder = (part.to(options.device) for part in torch_nets.parts(options.net))
        if channels_last:
            shared, decoder = (part.to(memory_format=torch.channels_last) for part in (shared, decoder))
        self.weights = [[*shared.parameters(), *head.parameters()], [*decoder.parameters()]]
        self.adams = [torch.optim.Adam(weights, 1e-3, eps=1e-7, fused=True, capturable=on_card) for weights in self.weights]
        self.losses = torch_nets.losses(shared, head, decoder, options.weight)
        if way in ("compile", "compile-graph", "reduce-overhead"):
            mode = way if way == "reduce-overhead" else None
            self.losses = [torch.compile(loss, mode=mode, dynamic=False) for loss in self.losses]
        self.x = torch.zeros(options.batch, 1, 28, 28, device=options.device)
        self.y = torch.zeros(options.batch, dtype=torch.int64, device=options.device)
        self.graph = None
        self.warm_up()

    def both_players(self):
        cast = torch.autocast(options.device, torch.bfloat16, enabled=options.precision == "bf16")
        if self.way == "reduce-overhead":
            torch.compiler.cudagraph_mark_step_begin()
        with cast:
            loss = self.losses[0](self.x, self.y)
        torch_nets.update(self.adams[0], self.weights[0], loss)
        if self.way == "reduce-overhead":
            torch.compiler.cudagraph_mark_step_begin()
        with cast:
            loss = self.losses[1](self.x)
        torch_nets.update(self.adams[1], self.weights[1], loss)

    def warm_up(self):
        if "graph" not in self.way:
            for _ in range(5):
                self.both_players()
            return synchronize()
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(5):
                self.both_players()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.both_players()
        synchronize()

    def step(self):
        self.graph.replay() if self.graph else self.both_players()


class Resident:
    """All images on the card; a batch is gathered there."""

    def __init__(self, images, labels):
        self.images, self.labels = images.to(options.device), labels.to(options.device)

    def begin(self, order):
        self.order = order.to(options.device)

    def load(self, first, training):
        index = self.order[first:first + options.batch]
        torch.index_select(self.images, 0, index, out=training.x)
        torch.index_select(self.labels, 0, index, out=training.y)


class Host:
    """Images in host memory; a batch is gathered in one of several pinned buffers and copied while the card still works on the one before."""

    def __init__(self, images, labels):
        self.images, self.labels = images, labels
        self.slots = [(torch.zeros(options.batch, 1, 28, 28, pin_memory=on_card), torch.zeros(options.batch, dtype=torch.int64, pin_memory=on_card),
                       torch.cuda.Event() if on_card else None) for _ in range(4)]

    def begin(self, order):
        self.order, self.turn = order, 0

    def load(self, first, training):
        x, y, copied = self.slots[self.turn % len(self.slots)]
        if copied and self.turn >= len(self.slots):
            copied.synchronize()
        index = self.order[first:first + options.batch]
        torch.index_select(self.images, 0, index, out=x)
        torch.index_select(self.labels, 0, index, out=y)
        training.x.copy_(x, non_blocking=True)
        training.y.copy_(y, non_blocking=True)
        if copied:
            copied.record()
        self.turn += 1


def one_pass(training, source, count):
    source.begin(torch.randperm(count))
    synchronize()
    began = time.perf_counter()
    steps = 0
    for first in range(0, count - options.batch + 1, options.batch):
        source.load(first, training)
        training.step()
        steps += 1
    synchronize()
    seconds = time.perf_counter() - began
    return {"images_per_second": options.batch * steps / seconds, "step_ms": 1e3 * seconds / steps}


def main():
    images, labels = (torch.from_numpy(array) for array in workload.load(options))
    images = images[:, None]
    sources = {"resident": Resident(images, labels), "host": Host(images, labels)}
    trainings, absent = {}, {}
    for way in options.ways:
        if not on_card and (way == "reduce-overhead" or "graph" in way):
            absent[way] = "CUDA graphs need a CUDA device"
            continue
        try:
            trainings[way] = Training(way)
        except Exception as error:  # one way that PyTorch can't go is an entry of the report, and stops no other
            absent[way] = f"{type(error).__name__}: {error}".splitlines()[0]
    print(json.dumps({"peer": f"torch {torch.__version__}", "ready": list(trainings), "absent": absent}), flush=True)
    if options.prepare:
        return
    for line in sys.stdin:
        way, source = line.split()
        print(json.dumps(one_pass(trainings[way], sources[source], len(images))), flush=True)


main()
