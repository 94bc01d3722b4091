"""Prints what other implementations give for the inputs of this crate's tests.

    pip install numpy==1.26.4 scikit-image==0.26.0 && python crates/imaging/tests/peers.py
"""

import numpy
import skimage
from skimage.restoration import denoise_tv_chambolle

print("numpy", numpy.__version__, "scikit-image", skimage.__version__)

index = numpy.arange(32 * 24)
image = ((index * 7919) % 41 - 20.0 + numpy.where(index % 32 < 15, 0.0, 100.0)).reshape(24, 32)
for weight in (10.0, 40.0):
    found = denoise_tv_chambolle(image, weight=weight)
    print("total variation", weight, [float(found[at]) for at in [(0, 0), (12, 5), (12, 14), (12, 15), (23, 31)]])

index = numpy.arange(24 * 15)
slice_ = ((index * 7919) % 41 + index % 24).astype(float).reshape(15, 24)


def central(length, factor):
    kept = -(-length // factor)
    start = length // 2 - kept // 2
    lines = numpy.zeros(length)
    lines[start : start + kept] = 1
    return lines


for rows, columns in ((2, 1), (3, 2)):
    mask = numpy.outer(central(15, rows), central(24, columns))
    spectrum = numpy.fft.fftshift(numpy.fft.fft2(slice_)) * mask
    found = numpy.abs(numpy.fft.ifft2(numpy.fft.ifftshift(spectrum))).ravel()
    print("zero-filled", rows, columns, [float(found[at]) for at in (0, 100, 201, 359)])
