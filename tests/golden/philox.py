"""The project's counter-based random numbers, Philox4x32-10, written once more in numpy.

Weights and images of the golden trajectories come from here, so that no file has to hold them: the C++ side makes the same numbers.
Method: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011.
"""
import numpy as np

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_KEY_STEPS = 0x9E3779B9, 0xBB67AE85
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


def philox4x32_10(counter, key):
    """counter: four arrays (or numbers) of 32-bit words; key: two words. Returns the four output words as uint32 arrays."""
    c0, c1, c2, c3 = (np.asarray(word, dtype=np.uint64) for word in counter)
    k0, k1 = key
    for _ in range(10):
        p0, p1 = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ np.uint64(k0), p1 & _LOW, (p0 >> _SHIFT) ^ c3 ^ np.uint64(k1), p0 & _LOW
        k0, k1 = (k0 + _KEY_STEPS[0]) & 0xFFFFFFFF, (k1 + _KEY_STEPS[1]) & 0xFFFFFFFF
    return tuple(word.astype(np.uint32) for word in (c0, c1, c2, c3))


def words(seed, stream, count):
    """The first `count` 32-bit words of a stream: word i is word i % 4 of the block with counter (i / 4, stream), key `seed`."""
    block = np.arange((count + 3) // 4, dtype=np.uint64)
    counter = block & _LOW, block >> _SHIFT, stream & 0xFFFFFFFF, stream >> 32
    counter = np.broadcast_arrays(*(np.asarray(word, dtype=np.uint64) for word in counter))
    return np.stack(philox4x32_10(counter, (seed & 0xFFFFFFFF, seed >> 32)), axis=1).reshape(-1)[:count]


def uniform(seed, stream, shape):
    """Numbers in [0, 1) in f64, each a multiple of 2^-24 and so exact in f32 too; element i in row-major order takes word i."""
    return ((words(seed, stream, int(np.prod(shape))) >> np.uint32(8)) * 2.0**-24).reshape(shape)


def check():
    """Compares with the known answers that the method's authors publish with their code (Random123, kat_vectors)."""
    known = [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0), "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ]
    for counter, key, answer in known:
        got = " ".join(f"{int(word):08x}" for word in philox4x32_10(counter, key))
        if got != answer:
            raise AssertionError(f"Philox4x32-10 of {counter} and key {key} is {got}, and should be {answer}.")


check()
