#!/usr/bin/env python3
"""The alternating training in PyTorch, eager or compiled; see workload.py."""
import workload

options = workload.arguments(__doc__, compile="let torch.compile make both losses")
try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as error:
    workload.missing(error)

torch.set_num_threads(options.threads)
torch.manual_seed(0)


def published():
    shared = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 26 * 26, 128), nn.ReLU())
    return shared, nn.Sequential(nn.Linear(128, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))


def convolutional():
    def block(inputs, outputs):
        return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()

    shared = nn.Sequential(*block(1, 32), *block(32, 32), nn.MaxPool2d(2), *block(32, 64), *block(64, 64), nn.MaxPool2d(2),
                           nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU())
    return shared, nn.Sequential(nn.Linear(128, 64 * 7 * 7), nn.ReLU(), nn.Unflatten(1, (64, 7, 7)),
                                 nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Sigmoid())


shared, decoder = published() if options.net == "published" else convolutional()
head = nn.Linear(128, 10)
classifier_weights, decoder_weights = [*shared.parameters(), *head.parameters()], [*decoder.parameters()]
classifier_adam = torch.optim.Adam(classifier_weights, 1e-3, eps=1e-7, fused=True)
decoder_adam = torch.optim.Adam(decoder_weights, 1e-3, eps=1e-7, fused=True)


def classifier_loss(x, y):
    code = shared(x)
    return F.cross_entropy(head(code), y) - options.weight * F.mse_loss(decoder(code), x)


def decoder_loss(x):
    with torch.no_grad():
        code = shared(x)
    return F.mse_loss(decoder(code), x)


if options.compile:
    classifier_loss, decoder_loss = torch.compile(classifier_loss), torch.compile(decoder_loss)


def update(adam, weights, loss):
    for weight, gradient in zip(weights, torch.autograd.grad(loss, weights)):
        weight.grad = gradient
    adam.step()


images, labels = (torch.from_numpy(array) for array in workload.load(options))
images = images[:, None]


def step(index):
    index = torch.from_numpy(index)
    x, y = images[index], labels[index]
    update(classifier_adam, classifier_weights, classifier_loss(x, y))
    update(decoder_adam, decoder_weights, decoder_loss(x))


workload.measure(options, f"torch {torch.__version__}{' compiled' if options.compile else ''}", step, len(images))
