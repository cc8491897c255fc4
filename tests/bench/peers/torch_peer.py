#!/usr/bin/env python3
"""The alternating training in PyTorch, eager or compiled; see workload.py."""
import workload

options = workload.arguments(__doc__, compile="let torch.compile make both losses")
try:
    import torch
    import torch_nets
except ImportError as error:
    workload.missing(error)

torch.set_num_threads(options.threads)
torch.manual_seed(0)
shared, head, decoder = torch_nets.parts(options.net)
classifier_weights, decoder_weights = [*shared.parameters(), *head.parameters()], [*decoder.parameters()]
classifier_adam = torch.optim.Adam(classifier_weights, 1e-3, eps=1e-7, fused=True)
decoder_adam = torch.optim.Adam(decoder_weights, 1e-3, eps=1e-7, fused=True)
classifier_loss, decoder_loss = torch_nets.losses(shared, head, decoder, options.weight)
if options.compile:
    classifier_loss, decoder_loss = torch.compile(classifier_loss), torch.compile(decoder_loss)

images, labels = (torch.from_numpy(array) for array in workload.load(options))
images = images[:, None]


def step(index):
    index = torch.from_numpy(index)
    x, y = images[index], labels[index]
    torch_nets.update(classifier_adam, classifier_weights, classifier_loss(x, y))
    torch_nets.update(decoder_adam, decoder_weights, decoder_loss(x))


workload.measure(options, f"torch {torch.__version__}{' compiled' if options.compile else ''}", step, len(images))
