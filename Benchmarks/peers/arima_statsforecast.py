# SPDX-License-Identifier: Apache-2.0
"""The peer of `ArimaBenchmark`: the same fits by statsforecast, one thread.

    python arima_statsforecast.py FILE

Prints the CPU seconds of all fits, after one that is not counted, and the log-likelihoods.
"""
import json
import sys
import time

import numpy as np
import statsforecast
from statsforecast.models import ARIMA


def fit(values):
    return ARIMA(order=(2, 0, 1), season_length=1).fit(y=values).model_["loglik"]


def main():
    with open(sys.argv[1]) as file:
        series = [np.array(line.split(","), dtype=float) for line in file]
    fit(series[0])
    start = time.process_time()
    likelihoods = [float(fit(values)) for values in series]
    print(json.dumps({
        "seconds": time.process_time() - start, "logLikelihoods": likelihoods,
        "version": statsforecast.__version__}))


if __name__ == "__main__":
    main()
