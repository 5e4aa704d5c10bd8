# SPDX-License-Identifier: Apache-2.0
"""What the scenarios on power and cooling are meant to teach holds in their metrics."""
import json
import pathlib

import h5py
import numpy as np
import pytest

from test_main_job import SHARED
from test_schema import ROOT, run

# How far cooling by a typical year may be from the same year's weather file, as a share of the
# cooling energy of the four cities' mean: a wave of eleven days is no weather. Measured: 0.13.
CLIMATE_TOLERANCE = 0.2

needs_weather = pytest.mark.skipif(
    not (pathlib.Path(SHARED) / "data" / "weather").is_dir(), reason="skipped: no shared data"
)
CITIES = {
    "san-jose": "USA_CA_San.Jose-Mineta",
    "new-york": "USA_NY_New.York-Kennedy",
    "leesburg": "USA_VA_Leesburg.Exec",
    "phoenix": "USA_AZ_Phoenix-Sky.Harbor",
}


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
    # The highest rack would draw 1348 W.
    budgets = [1200, 1000, 700]
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


def test_cap_cuts_what_exceeds_and_not_what_is_modest(metrics):
    free = metrics("rack-power-cap", "facility.distribution.rackCaps=[]")
    # Above what any rack draws a budget changes nothing, however uneven its hosts' loads are.
    loose = metrics("rack-power-cap", "facility.distribution.rackCaps[0].power=1400 W")
    assert loose == free
    # The same power as limits of ten servers each takes work that the rack could have had.
    rack = metrics("rack-power-cap")
    servers = metrics(
        "rack-power-cap",
        "facility.distribution.rackCaps=[]",
        "facility.distribution.serverCaps=[{from: 08:00, duration: 12 h, power: 100 W}]",
    )
    assert free["unservedCoreSeconds"] < rack["unservedCoreSeconds"]
    assert rack["unservedCoreSeconds"] < servers["unservedCoreSeconds"]
    assert servers["energyItJoules"] < rack["energyItJoules"]


def test_brown_out_counts_sags_and_not_their_length(metrics):
    carried = metrics("brown-out")
    steady = metrics("brown-out", "facility.distribution.outages=[]")
    assert is_untouched(carried) and is_untouched(steady)
    assert carried["unservedCoreSeconds"] == steady["unservedCoreSeconds"]
    # The battery's conversion losses are what it costs.
    loss = "energyDistributionLossJoules"
    assert carried[loss] > 1.001 * steady[loss]
    # A small battery bears any one of the sags, and not four before it is charged again.
    small = "facility.distribution.battery.time='1 min'"
    one = "facility.distribution.outages=[{from: 14:40, duration: 2 min}]"
    assert is_untouched(metrics("brown-out", small, one))
    assert metrics("brown-out", small)["hostFailures"] >= 40


def climates(metrics, year):
    years = [year(city) for city in CITIES]
    cooling = [year["energyCoolingJoules"] for year in years]
    assert cooling == sorted(cooling)
    assert cooling[-1] > 3 * cooling[0]
    # The same work everywhere, up to the order of additions.
    it = [year["energyItJoules"] for year in years]
    assert max(it) - min(it) < 1e-9 * it[0]
    assert all(year["inletAboveRecommendedRackSeconds"] == 0 for year in years)
    return cooling


def test_free_cooling_depends_on_the_climate(metrics):
    climates(metrics, lambda city: metrics(f"free-cooling-{city}"))


@needs_weather
def test_typical_years_tell_what_weather_files_tell(metrics):
    folder = pathlib.Path(SHARED).resolve() / "data" / "weather"

    def from_file(city):
        file = folder / f"{CITIES[city]}.epw"
        return metrics(f"free-cooling-{city}", f"facility.site.weather={{epw: {{file: {file}}}}}")

    real = climates(metrics, from_file)
    made = climates(metrics, lambda city: metrics(f"free-cooling-{city}"))
    mean = sum(real) / len(real)
    for truth, typical in zip(real, made):
        assert abs(typical - truth) < CLIMATE_TOLERANCE * mean


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
        ("facility.cooling.unit={crah: {chiller: {eir: {inputRatioByTemperature: "
         "{constant: -5}}}}}", "the chiller's CoP is not positive"),
        ("facility.distribution.serverCaps=[{power: 0 W}]", "serverCaps[0].power"),
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
        return metrics("governors", f"dataCenter.dvfs.governor={governor}")

    fastest = of("performance")
    for governor in ["ondemand", "schedutil"]:
        saving = of(governor)
        assert saving["energyItJoules"] < fastest["energyItJoules"]
        assert saving["responseTimeP50Milliseconds"] > fastest["responseTimeP50Milliseconds"]
        # Work is not lost: the busiest core decides.
        assert saving["unservedCoreSeconds"] == pytest.approx(fastest["unservedCoreSeconds"])
    slowest = of("powersave")
    assert slowest["energyItJoules"] < of("schedutil")["energyItJoules"]
    assert slowest["unservedCoreSeconds"] > fastest["unservedCoreSeconds"]


def test_run_file_tells_of_every_rack(tmp_path):
    """Series and summary are two ways to the same figures."""
    output = tmp_path / "run.h5"
    done = run("run", ROOT / "Scenarios" / "cooling-failure.yaml", "-o", output, "--json")
    assert done.returncode == 0, done.stderr
    metrics = json.loads(done.stdout)["metrics"]
    with h5py.File(output) as file:
        racks = file["racks"]
        interval = np.diff(racks["time"][:2])[0]
        power = racks["powerWatts"][:].astype(float)
        recommended = racks["aboveRecommendedSeconds"][:].astype(float)
        allowable = racks["aboveAllowableSeconds"][:].astype(float)
        inlets = racks["inletCelsius"][:]
        hosts = file["hosts/powerWatts"][:].astype(float)
    # Single precision of some 10⁵ values; the spine is nobody's rack.
    spine = 150 * interval * len(power)
    drawn = metrics["energyItJoules"] + metrics["energyNetworkJoules"]
    assert power.sum() * interval + spine == pytest.approx(drawn, rel=1e-6)
    assert (power >= hosts.reshape(len(hosts), 4, 10).sum(axis=2) - 0.01).all()
    assert recommended.sum() == pytest.approx(metrics["inletAboveRecommendedRackSeconds"], rel=1e-6)
    assert allowable.sum() == pytest.approx(metrics["inletAboveAllowableRackSeconds"], rel=1e-6)
    assert (recommended >= allowable).all() and (recommended <= interval + 1e-3).all()
    # A whole interval above is one that ends above; one that was never above ends below, unless the
    # rack is off: the air that stands around it does not count.
    assert (inlets[recommended >= interval - 1e-3] > 27).all()
    assert (inlets[(recommended == 0) & (power > 0)] <= 27).all()
