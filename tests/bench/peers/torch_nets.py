"""The networks of workload.py in PyTorch, and their two losses."""
import torch
from torch import nn
from torch.nn import functional as F


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


def parts(net):
    """Shared layers, the classifier's head and the decoder."""
    shared, decoder = published() if net == "published" else convolutional()
    return shared, nn.Linear(128, 10), decoder


def losses(shared, head, decoder, weight):
    """The classifier's loss of images and labels, and the decoder's of images."""
    def classifier_loss(x, y):
        code = shared(x)
        return F.cross_entropy(head(code), y) - weight * F.mse_loss(decoder(code), x)

    def decoder_loss(x):
        with torch.no_grad():
            code = shared(x)
        return F.mse_loss(decoder(code), x)

    return classifier_loss, decoder_loss


def update(adam, weights, loss):
    for weight, gradient in zip(weights, torch.autograd.grad(loss, weights)):
        weight.grad = gradient
    adam.step()
