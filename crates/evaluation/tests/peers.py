"""Prints what other implementations give for the inputs of this crate's tests.

    pip install numpy==1.26.4 scipy==1.12.0 scikit-learn==1.9.1 uncertainty-toolbox==0.1.1 mapie==1.6.0
    pip install SimpleITK==2.5.7 PyWavelets pykwalify six versioneer wheel
    pip install --no-build-isolation --no-deps pyradiomics==3.0.1
    python crates/evaluation/tests/peers.py
"""

from importlib.metadata import version

import numpy
import SimpleITK
from mapie.metrics.regression import regression_mwi_score
from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value
from radiomics.featureextractor import RadiomicsFeatureExtractor
from scipy.linalg import sqrtm
from scipy.ndimage import binary_erosion, distance_transform_edt
from scipy.stats import energy_distance
from sklearn.metrics.pairwise import polynomial_kernel
from uncertainty_toolbox import metrics_calibration, metrics_scoring_rule

for name in ("numpy", "scipy", "scikit-learn", "uncertainty-toolbox", "mapie", "pyradiomics", "SimpleITK"):
    print(name, version(name))


def hashed(index, factor):
    return (index * factor) % 101 / 101


index = numpy.arange(500)
mean = 10 * hashed(index, 37)
sigma = 1 + 2 * hashed(index, 61)
truth = mean + sigma * (4 * hashed(index * index + 3 * index, 53) - 1.8)

print("CRPS", float(metrics_scoring_rule.crps_gaussian(mean, sigma, truth)))
print("SHARPNESS", float(metrics_calibration.sharpness(sigma)))
calibration = metrics_calibration.mean_absolute_calibration_error(mean, sigma, truth, prop_type="interval")
print("CALIBRATION", float(calibration))
ends = numpy.stack([mean - 1.5 * sigma, mean + 1.5 * sigma], axis=1)[:, :, None]
print("WINKLER", float(regression_mwi_score(truth, ends, 0.9)))

order = numpy.argsort(sigma, kind="stable")
of_bins = []
for bin_ in numpy.array_split(order, 12):
    predicted = numpy.sqrt(numpy.mean(sigma[bin_] ** 2))
    of_bins.append(abs(predicted - numpy.sqrt(numpy.mean((truth - mean)[bin_] ** 2))) / predicted)
print("ENCE", float(numpy.mean(of_bins)))

samples = numpy.arange(40) * 29 % 40 * 0.7 - 3
print("SAMPLES", [energy_distance(samples, [y]) ** 2 / 2 for y in (-5.0, 11.3, 40.0)])

for loss, subjects, risk in ((0.0, 22, 0.1), (0.05, 40, 0.1), (0.083, 30, 0.1), (0.09, 400, 0.12), (0.31, 25, 0.2)):
    found = compute_hoeffding_bentkus_p_value(numpy.array([loss]), subjects, risk)
    print("MAPIE", (loss, subjects, risk, float(numpy.ravel(found)[0])))

index = numpy.arange(20 * 16)
slice_ = ((index * 7919) % 211 - 90.5 + 3.0 * (index % 20)).reshape(1, 16, 20)
mask = (~((index // 20 < 3) & (index % 20 < 8)) & (index % 17 != 4)).reshape(1, 16, 20)
extractor = RadiomicsFeatureExtractor(binWidth=25, force2D=True, force2Ddimension=0)
extractor.disableAllFeatures()
wanted = {
    "firstorder": ["Mean", "Variance", "Skewness", "Kurtosis", "10Percentile", "90Percentile", "Entropy", "Uniformity"],
    "glcm": ["Contrast", "Correlation", "JointEnergy", "JointEntropy", "Idm", "DifferenceEntropy"],
}
extractor.enableFeaturesByName(**wanted)
found = extractor.execute(
    SimpleITK.GetImageFromArray(slice_), SimpleITK.GetImageFromArray(mask.astype(numpy.uint8))
)
for family, names in wanted.items():
    for name in names:
        print("PYRADIOMICS", family, name, float(found[f"original_{family}_{name}"]))


def points(count, factor, shift):
    i, j = numpy.meshgrid(numpy.arange(count), numpy.arange(5), indexing="ij")

    def value(at):
        return (at * factor) % 103 / 103

    return value(7 * i * i + 11 * i * j + j + 1) + shift * j + value(i)


one, other = points(60, 37, 0.0), points(45, 29, 0.1)
first, second = (numpy.cov(points_, rowvar=False) for points_ in (one, other))
apart = one.mean(axis=0) - other.mean(axis=0)
print("FRECHET", float(apart @ apart + numpy.trace(first + second - 2 * sqrtm(first @ second).real)))


def within(points_):
    alike = polynomial_kernel(points_, degree=3, coef0=1)
    return (alike.sum() - numpy.trace(alike)) / (len(points_) * (len(points_) - 1))


print("KERNEL", float(within(one) + within(other) - 2 * polynomial_kernel(one, other, degree=3, coef0=1).mean()))

z, y, x = numpy.meshgrid(numpy.arange(12), numpy.arange(20), numpy.arange(24), indexing="ij")


def radius(cx, cy, cz):
    return ((x - cx) / 9) ** 2 + ((y - cy) / 6) ** 2 + ((z - cz) / 4) ** 2


def waves(a, b):
    return 0.25 * numpy.sin(0.9 * a) * numpy.cos(1.3 * b)


reference = radius(10, 9, 3) + waves(x, y) < 1
found = (radius(12, 10.5, 4.5) + waves(y, x) < 0.9) | ((x == 1) & (y == 18) & (z == 11))
# Beyond the grid a structure goes on: no surface there.
surfaces = [mask ^ binary_erosion(mask, border_value=1) for mask in (reference, found)]
away = [distance_transform_edt(~surface, sampling=(2.5, 0.9, 0.7)) for surface in surfaces]
print("HD95_MM", max(float(numpy.percentile(away[i][surfaces[1 - i]], 95)) for i in (0, 1)))
overlap = SimpleITK.LabelOverlapMeasuresImageFilter()
overlap.Execute(*(SimpleITK.GetImageFromArray(mask.astype(numpy.uint8)) for mask in (reference, found)))
print("DICE", overlap.GetDiceCoefficient(), "voxels", int(reference.sum()), int(found.sum()))
print("VOLUME_DIFFERENCE", float(found.sum() / reference.sum() - 1))
