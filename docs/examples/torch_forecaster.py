#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains an LSTM on a trace and writes it as a model that Foreshadow uses.

    python3 torch_forecaster.py week.csv --output my-models
    foreshadow forecast week.csv --vm web-007 --registry my-models --model lstm

Needs numpy and safetensors. With torch the whole network is trained; without it, its recurrent part
stays random (an echo state network) and only the linear head is trained. Either way the file holds
`torch.nn.LSTM` and `torch.nn.Linear` under PyTorch's names, single precision, and a header that says
what goes in and what comes out. The page "Learned models" of the module Forecasting defines both.
"""
import argparse
import json
import pathlib

import numpy as np
from safetensors.numpy import save_file

try:
    import torch
except ImportError:
    torch = None

LEVELS = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
SMALLEST_SPREAD, LIMIT = 0.002, 8  # see the page


def names(horizons):
    """The inputs in their order, which the header repeats."""
    return (["lag1", "lag2", "mean0", "mean4", "mean5", "maximum2", "maximum4", "maximum5",
             "deviation2", "logSpread", "level"]
            + [f"maximumDay{day}At{h}" for h in horizons for day in (1, 2, 7)]
            + ["sineOfDay", "cosineOfDay", "sineOfWeek", "cosineOfWeek"])


def scale(load):
    """What loads are divided by: the 95th percentile of the positive ones."""
    known = np.sort(load[load > 0])
    return known[(len(known) - 1) * 95 // 100] if len(known) else 1.0


def inputs(load, horizons, day, first_step=0):
    """Inputs after each sample of one series, [sample, input]; its level; its spread.

    `load` is relative to the scale, without gaps; `day` is the samples in a day; `first_step` that
    of the week in which the first sample falls (0: Thursday 00:00 UTC).
    """
    load = np.round(np.clip(load, 0, 64) * 65536) / 65536  # Foreshadow remembers fixed point
    count, hour = len(load), max(1, day // 24)

    def window(length, function):
        begun = [function(load[:n]) for n in range(1, min(length, count + 1))]
        if count < length:
            return np.array(begun)
        full = np.lib.stride_tricks.sliding_window_view(load, length)
        return np.concatenate([begun, function(full, axis=1)])

    def blocks(length):
        """The maximum in whole hours: the present one and those before it."""
        return np.array([load[max(0, (n - 1) // hour - length // hour) * hour:n].max()
                         for n in range(1, count + 1)])

    def back(lag):
        """The value `lag` samples ago (1: the newest); unknown before the first, and ahead."""
        if lag < 1:
            return np.full(count, np.nan)
        return np.concatenate([np.full(lag - 1, np.nan), load])[:count]

    level = window(hour, np.mean)
    spread = np.maximum(window(day, np.std), SMALLEST_SPREAD)
    looks = [back(1), back(2), window(max(1, day // 96), np.mean), window(day // 4, np.mean),
             window(day, np.mean), window(hour, np.max), blocks(day // 4), blocks(day)]
    ahead = [back(d * day + 1 - h) for h in horizons for d in (1, 2, 7)]

    def relative(values):
        return np.clip(np.nan_to_num((values - level) / spread), -LIMIT, LIMIT)

    step = first_step + np.arange(1, count + 1)
    clock = [f(2 * np.pi * (step % span) / span) for span in (day, 7 * day) for f in (np.sin, np.cos)]
    columns = ([relative(look) for look in looks]
               + [window(hour, np.std) / spread, np.log(spread) / 4, np.minimum(level, LIMIT)]
               + [relative(look) for look in ahead] + clock)
    return np.stack(columns, axis=1), level, spread


def targets(load, level, spread, horizons):
    """What the head is to say, [sample, horizon]: loads to come, in spreads above the level."""
    rows = np.full((len(load), len(horizons)), np.nan)
    for column, h in enumerate(horizons):
        rows[:-h, column] = np.clip((load[h:] - level[:-h]) / spread[:-h], -50, 50)
    return rows


def recurrent(tensors, x):
    """Hidden values of torch.nn.LSTM (gates i, f, g, o), [sample, series, hidden]."""
    def sigmoid(value):
        return 1 / (1 + np.exp(-value))
    hidden = tensors["weight_hh_l0"].shape[1]
    h, c, all_h = np.zeros((x.shape[1], hidden)), np.zeros((x.shape[1], hidden)), []
    for row in x:
        gates = (row @ tensors["weight_ih_l0"].T + tensors["bias_ih_l0"]
                 + h @ tensors["weight_hh_l0"].T + tensors["bias_hh_l0"])
        i, f, g, o = np.split(gates, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        all_h.append(h)
    return np.stack(all_h)


def train_head(x, y, hidden, steps):
    """Without torch: a random recurrent part, and the head by the pinball loss (Adam)."""
    random, bound = np.random.default_rng(1), hidden ** -0.5
    shapes = {"weight_ih_l0": (4 * hidden, x.shape[2]), "weight_hh_l0": (4 * hidden, hidden),
              "bias_ih_l0": (4 * hidden,), "bias_hh_l0": (4 * hidden,)}
    tensors = {name: random.uniform(-bound, bound, shape) for name, shape in shapes.items()}
    seen = np.concatenate([recurrent(tensors, x), x], axis=2)  # the head sees the inputs too
    known = np.isfinite(y).all(axis=2)
    seen, wanted = seen[known], np.repeat(y[known], len(LEVELS), axis=1)
    levels = np.tile(LEVELS, y.shape[2])
    design = np.concatenate([seen, np.ones((len(seen), 1))], axis=1)
    weights = np.zeros((wanted.shape[1], design.shape[1]))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        rows = random.integers(len(design), size=1024)
        above = wanted[rows] > design[rows] @ weights.T
        gradient = np.where(above, -levels, 1 - levels).T @ design[rows] / len(rows)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient ** 2
        rate = 0.02 * (1 - step / steps) / (1 - 0.9 ** step)
        weights -= rate * mean / (np.sqrt(square / (1 - 0.999 ** step)) + 1e-8)
    return {**tensors, "out.weight": weights[:, :-1], "out.bias": weights[:, -1]}


def train_all(x, y, hidden, steps):
    """With torch: the whole network by the pinball loss, on windows of a day or so."""
    torch.manual_seed(1)
    lstm = torch.nn.LSTM(x.shape[2], hidden)
    out = torch.nn.Linear(hidden + x.shape[2], y.shape[2] * len(LEVELS))
    optimizer = torch.optim.Adam([*lstm.parameters(), *out.parameters()], lr=0.01)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    levels, length = torch.tensor(LEVELS), min(288, len(x))
    for _ in range(steps):
        start = int(torch.randint(len(x) - length + 1, ()))
        window = x[start:start + length]
        answer = out(torch.cat([lstm(window)[0], window], dim=2))
        error = y[start:start + length, :, :, None] - answer.unflatten(2, (y.shape[2], -1))
        loss = torch.maximum(levels * error, (levels - 1) * error)
        loss = loss[torch.isfinite(loss)].mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(lstm.parameters(), 1)
        optimizer.step()
    named = {**lstm.state_dict(), **{f"out.{k}": v for k, v in out.state_dict().items()}}
    return {name: tensor.numpy() for name, tensor in named.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trace", help="CSV: one VM a line, its name and then its loads")
    parser.add_argument("--output", required=True, help="folder of models")
    parser.add_argument("--horizons", default="1,12", help="samples ahead, ascending")
    parser.add_argument("--day", type=int, default=288, help="samples in a day")
    parser.add_argument("--start", type=int, default=0, help="first sample, seconds since 1970")
    parser.add_argument("--hidden", type=int, default=16, help="width: a multiple of 8 up to 512")
    parser.add_argument("--steps", type=int, default=300)
    options = parser.parse_args()
    horizons = [int(h) for h in options.horizons.split(",")]
    rows = [line.split(",")[1:] for line in pathlib.Path(options.trace).read_text().splitlines()]
    loads = [np.array(row, float) / scale(np.array(row, float)) for row in rows]
    first_step = options.start * options.day // 86400 % (7 * options.day)
    series = [inputs(load, horizons, options.day, first_step) for load in loads]
    x = np.stack([s[0] for s in series], axis=1)
    y = np.stack([targets(load, s[1], s[2], horizons) for load, s in zip(loads, series)], axis=1)
    train = train_all if torch else train_head
    tensors = train(x, y, options.hidden, options.steps)
    header = {
        "version": 1, "kind": "lstm", "features": names(horizons), "stepsPerDay": options.day,
        "scaling": "95th percentile of the series", "targets": [f"at-{h}" for h in horizons],
        "levels": LEVELS, "scores": {}, "trainedSeries": len(loads), "trainedSamples": len(loads[0]),
    }
    pathlib.Path(options.output).mkdir(parents=True, exist_ok=True)
    path = pathlib.Path(options.output) / "cpu-lstm.safetensors"
    save_file({name: np.ascontiguousarray(value, np.float32) for name, value in tensors.items()},
              path, metadata={"foreshadow": json.dumps(header)})
    print(f"{'torch' if torch else 'numpy (head only)'}  {path}")


if __name__ == "__main__":
    main()
