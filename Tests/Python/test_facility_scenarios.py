# SPDX-License-Identifier: Apache-2.0
"""What the scenarios on power and cooling are meant to teach holds in their metrics."""
import json
import pathlib

import pytest

from test_main_job import SHARED
from test_schema import ROOT, run

needs_weather = pytest.mark.skipif(
    not (pathlib.Path(SHARED) / "data" / "weather").is_dir(), reason="skipped: no shared data"
)
CITIES = ["san-jose", "new-york", "leesburg", "phoenix"]


@pytest.fixture(scope="module")
def metrics(tmp_path_factory):
    """Metrics of a scenario's run under its first policy, with settings; each is run once."""
    known = {}

    def of(name, *settings):
        key = (name, *settings)
        if key not in known:
            output = tmp_path_factory.mktemp("run") / "run.h5"
            changes = [part for setting in settings for part in ("--set", setting)]
            done = run(
                "run", ROOT / "Scenarios" / f"{name}.yaml", "--output", output, "--json", *changes
            )
            assert done.returncode == 0, done.stderr
            known[key] = json.loads(done.stdout)["metrics"]
        return known[key]

    return of


def is_untouched(metrics):
    return metrics["hostFailures"] == 0 and metrics["downtimeVmSeconds"] == 0


def test_closed_aisle_saves_cooling(metrics):
    open_aisles = metrics("open-aisles")
    closed = metrics("hot-aisle")
    assert closed["energyItJoules"] == open_aisles["energyItJoules"]
    assert closed["energyCoolingJoules"] < 0.8 * open_aisles["energyCoolingJoules"]
    assert closed["inletAboveRecommendedRackSeconds"] == 0
    assert open_aisles["inletAboveRecommendedRackSeconds"] == 0
    # It is the closed aisle that allows the warmer air.
    warm = metrics("open-aisles", "facility.cooling.supplyTemperature='26 °C'")
    assert warm["inletAboveRecommendedRackSeconds"] > 0


def test_cooling_failure_trips_racks(metrics):
    failed = metrics("cooling-failure")
    healthy = metrics("cooling-failure", "facility.cooling.failures=[]")
    assert healthy["inletAboveRecommendedRackSeconds"] == 0 and is_untouched(healthy)
    assert failed["inletAboveAllowableRackSeconds"] > 0
    assert failed["hostFailures"] > 0 and failed["vmCrashes"] > 0
    assert failed["unservedCoreSeconds"] > healthy["unservedCoreSeconds"]
    # What racks and room hold bears the loss for some minutes.
    short = metrics("cooling-failure", "facility.cooling.failures[0].duration='4 min'")
    assert is_untouched(short)
    assert short["inletAboveAllowableRackSeconds"] == 0


def test_cold_water_rides_through_the_loss_of_chillers(metrics):
    full = metrics("chiller-failure")
    assert is_untouched(full) and full["inletAboveRecommendedRackSeconds"] == 0
    small = metrics("chiller-failure", "facility.cooling.unit.crah.storage='4 kWh'")
    assert small["inletAboveAllowableRackSeconds"] > 0
    # Hot servers cut their clocks, which VMs feel.
    assert small["unservedCoreSeconds"] > full["unservedCoreSeconds"]
    none = metrics("chiller-failure", "facility.cooling.unit.crah.storage='0 kWh'")
    assert none["hostFailures"] > 0
    assert none["inletAboveAllowableRackSeconds"] > small["inletAboveAllowableRackSeconds"]


def test_cap_saves_peak_power_and_costs_work(metrics):
    free = metrics("rack-power-cap", "facility.distribution.rackCaps=[]")
    budgets = [1500, 1000, 700]
    capped = [
        metrics("rack-power-cap", f"facility.distribution.rackCaps[0].power={b} W") for b in budgets
    ]
    for less, more in zip([free, *capped], capped):
        assert more["rackPeakWatts"] <= less["rackPeakWatts"]
        assert more["energyTotalJoules"] < less["energyTotalJoules"]
        assert more["unservedCoreSeconds"] > less["unservedCoreSeconds"]
    assert metrics("rack-power-cap")["rackPeakWatts"] < free["rackPeakWatts"]


def test_battery_and_generator_bridge_the_outage(metrics):
    bridged = metrics("outage")
    assert is_untouched(bridged)
    dark = metrics("outage", "facility.distribution.generator.installed=false")
    assert dark["hostFailures"] == 40 and dark["vmCrashes"] == 200
    assert dark["downtimeVmSeconds"] > 0
    # All hosts boot at once when the mains return.
    assert dark["rackPeakWatts"] > bridged["rackPeakWatts"]
    # The battery alone bridges what it is made for.
    short = metrics(
        "outage",
        "facility.distribution.generator.installed=false",
        "facility.distribution.outages[0].duration='5 min'",
    )
    assert is_untouched(short)
    # A battery that is empty before the generator runs doesn't help.
    late = metrics("outage", "facility.distribution.generator.startTime='90 min'")
    assert late["hostFailures"] == 40
    assert 0 < late["downtimeVmSeconds"] < dark["downtimeVmSeconds"]


@needs_weather
def test_free_cooling_depends_on_the_climate(metrics):
    years = [metrics(f"free-cooling-{city}") for city in CITIES]
    cooling = [year["energyCoolingJoules"] for year in years]
    assert cooling == sorted(cooling)
    assert cooling[-1] > 3 * cooling[0]
    # The same work everywhere, up to the order of additions.
    it = [year["energyItJoules"] for year in years]
    assert max(it) - min(it) < 1e-9 * it[0]
    assert all(year["inletAboveRecommendedRackSeconds"] == 0 for year in years)


@pytest.mark.parametrize(
    "setting, reason",
    [
        ("facility.cooling.unitAirflow='-1 m3/s'", "unitAirflow"),
        ("facility.cooling.unit={crac: {copConstant: -10}}", "the CoP is not positive"),
        ("facility.cooling={supplyTemperature: 36 °C, maximumSupplyTemperature: 36 °C}",
         "above the allowable inlet"),
        ("facility.room.recirculation={matrix: {rows: [{shares: [70 %, 60 %, 0 %, 0 %]}, "
         "{shares: [0 %, 0 %, 0 %, 0 %]}, {shares: [0 %, 0 %, 0 %, 0 %]}, "
         "{shares: [0 %, 0 %, 0 %, 0 %]}]}}", "which would create heat"),
        # Each row is possible, but rack 1 would be blown at by more than it draws.
        ("facility.room.recirculation={matrix: {rows: [{shares: [0 %, 0 %, 0 %, 0 %]}, "
         "{shares: [60 %, 0 %, 0 %, 0 %]}, {shares: [60 %, 0 %, 0 %, 0 %]}, "
         "{shares: [0 %, 0 %, 0 %, 0 %]}]}}", "times the air that it draws"),
        ("facility.room.recirculation={matrix: {rows: [{shares: [0 %]}]}}", "1 rows for 4 racks"),
        ("dataCenter.dvfs={slowest: 100 %}", "dvfs.slowest"),
        ("dataCenter.dvfs={governor: {conservative: {up: 20 %, down: 30 %}}}", "must be below"),
    ],
)
def test_bad_physics_is_refused_with_the_reason(tmp_path, setting, reason):
    output = tmp_path / "run.h5"
    done = run("run", ROOT / "Scenarios" / "outage.yaml", "-o", output, "--set", setting)
    assert done.returncode == 65, done.stderr
    assert reason in done.stderr
    assert not output.exists()


def test_governors_save_energy_and_powersave_costs_work(metrics):
    def of(governor):
        governor = f"dataCenter.dvfs.governor={governor}"
        return metrics("outage", "facility.distribution.outages=[]", governor)

    fastest = of("performance")
    assert fastest["energyItJoules"] == metrics("outage")["energyItJoules"]
    for governor in ["ondemand", "schedutil"]:
        saving = of(governor)
        assert saving["energyItJoules"] < fastest["energyItJoules"]
    slowest = of("powersave")
    assert slowest["energyItJoules"] < of("schedutil")["energyItJoules"]
    assert slowest["unservedCoreSeconds"] > fastest["unservedCoreSeconds"]
    assert slowest["responseTimeP50Milliseconds"] > fastest["responseTimeP50Milliseconds"]
