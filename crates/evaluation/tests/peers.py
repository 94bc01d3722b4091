"""Prints what other implementations give for the inputs of this crate's tests.

    pip install numpy==1.26.4 scipy==1.12.0 uncertainty-toolbox==0.1.1 mapie==1.6.0
    python crates/evaluation/tests/peers.py
"""

from importlib.metadata import version

import numpy
from mapie.metrics.regression import regression_mwi_score
from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value
from scipy.stats import energy_distance
from uncertainty_toolbox import metrics_calibration, metrics_scoring_rule

for name in ("numpy", "scipy", "uncertainty-toolbox", "mapie"):
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
