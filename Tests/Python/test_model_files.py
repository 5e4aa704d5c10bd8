# SPDX-License-Identifier: Apache-2.0
"""Models that `foreshadow train` writes, computed by numpy, and models that Python writes, used by
`foreshadow forecast`: both must give the same forecasts."""
import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from test_forecast_cli import TRACE_HEADER, models, trace  # noqa: F401 (fixtures)
from test_schema import run

# A flat load leaves only the clock and the level as inputs, so that Python needs no features.
LOAD = 1.0
SMALLEST_SPREAD = 0.002
STEPS = 600
STEPS_PER_DAY = 288
# Eight roundings of a load of 1 in 32 bits; the network moves it by thousandths.
TOLERANCE = 1e-6


@pytest.fixture
def flat(tmp_path):
    path = tmp_path / "flat.csv"
    path.write_text(TRACE_HEADER + "".join(
        f"{step * 300},a,{LOAD},1e9,1e6,1e5,4,8000000000,web\n" for step in range(STEPS)))
    return path


def forecast(flat, folder):
    result = run("forecast", flat, "--vm", "a", "--registry", folder, "--model", "lstm", "--json",
                 "--horizons", "1,12,288")
    assert result.returncode == 0, result.stderr
    return {f["horizon"]: f["quantiles"] for f in json.loads(result.stdout)["forecasts"]}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def inputs(about, scale):
    """The inputs of every step, in the order that the header names."""
    step = np.arange(1, STEPS + 1)
    day = 2 * np.pi * (step % STEPS_PER_DAY) / STEPS_PER_DAY
    week = 2 * np.pi * (step % (7 * STEPS_PER_DAY)) / (7 * STEPS_PER_DAY)
    known = {
        "logSpread": np.full(STEPS, np.log(SMALLEST_SPREAD) / 4),
        "level": np.full(STEPS, LOAD / scale), "sineOfDay": np.sin(day),
        "cosineOfDay": np.cos(day), "sineOfWeek": np.sin(week), "cosineOfWeek": np.cos(week),
    }
    return np.stack([known.get(name, np.zeros(STEPS)) for name in about["features"]], axis=1)


def forward(tensors, x):
    """torch.nn.LSTM's equations (gates i, f, g, o), then the head on [h, x]."""
    hidden = tensors["weight_hh_l0"].shape[1]
    h, c = np.zeros(hidden), np.zeros(hidden)
    for row in x:
        gates = (tensors["weight_ih_l0"] @ row + tensors["bias_ih_l0"]
                 + tensors["weight_hh_l0"] @ h + tensors["bias_hh_l0"])
        i, f, g, o = np.split(gates, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return tensors["out.weight"] @ np.concatenate([h, x[-1]]) + tensors["out.bias"]


def expected(path, scale):
    with safe_open(path, "numpy") as file:
        about = json.loads(file.metadata()["foreshadow"])
    tensors = {k: v.astype(np.float64) for k, v in load_file(path).items()}
    output = forward(tensors, inputs(about, scale))
    horizons, levels = [int(name.removeprefix("at-")) for name in about["targets"]], about["levels"]
    quantiles = (LOAD / scale + SMALLEST_SPREAD * output.reshape(len(horizons), -1)) * scale
    return {h: dict(zip(map(str, levels), np.maximum.accumulate(np.maximum(row, 0))))
            for h, row in zip(horizons, quantiles)}


def agree(found, wanted):
    compared = 0
    for horizon, quantiles in found.items():
        for level, value in quantiles.items():
            if level in wanted[horizon]:
                assert value == pytest.approx(wanted[horizon][level], abs=TOLERANCE)
                compared += 1
    assert compared >= 9


def test_numpy_computes_what_forecast_says(models, flat):  # noqa: F811
    agree(forecast(flat, models), expected(models / "cpu-lstm-web.safetensors", scale=LOAD))


def test_a_network_written_by_python_is_used(models, flat, tmp_path):  # noqa: F811
    """All weights are replaced by random ones."""
    folder = tmp_path / "written"
    folder.mkdir()
    random = np.random.default_rng(7)
    for path in models.glob("cpu-lstm*"):
        with safe_open(path, "numpy") as file:
            metadata = file.metadata()
        tensors = {name: random.normal(0, 0.5, tensor.shape).astype(np.float32)
                   for name, tensor in load_file(path).items()}
        save_file(tensors, folder / path.name, metadata=metadata)
    found = forecast(flat, folder)
    agree(found, expected(folder / "cpu-lstm-web.safetensors", scale=LOAD))
    assert found != forecast(flat, models)
