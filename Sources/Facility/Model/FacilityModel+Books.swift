// SPDX-License-Identifier: Apache-2.0
import Units

/// What changes with the heat between two events, at one moment.
struct PlantMoment: Sendable {
  /// Power of the cooling plant in W.
  var cooling = 0.0
  /// Loss of the transformer in W.
  var transformerLoss = 0.0
  /// Power at the meter and the generator in W.
  var meter = 0.0
  /// Power that the battery gives out in W.
  var batteryLoad = 0.0
  /// Water in litres a second.
  var litresPerSecond = 0.0
  /// Heat that the coils take out of the air in W.
  var coilLoad = 0.0

  /// The numbers as lanes of a vector, for integration.
  var lanes: SIMD8<Double> {
    SIMD8(cooling, transformerLoss, meter, batteryLoad, litresPerSecond, coilLoad, 0, 0)
  }

  init() {}
  init(lanes: SIMD8<Double>) {
    cooling = lanes[0]
    transformerLoss = lanes[1]
    meter = lanes[2]
    batteryLoad = lanes[3]
    litresPerSecond = lanes[4]
    coilLoad = lanes[5]
  }
}

extension FacilityModel {
  /// The books up to ``now``.
  public var accounting: FacilityAccounting {
    var copy = self
    _ = copy.book(to: now)
    for rack in racks.indices {
      if let since = aboveRecommendedSince[rack] {
        copy.books.inletAboveRecommendedSeconds[rack] += (now - since).seconds
      }
      if let since = aboveAllowableSince[rack] {
        copy.books.inletAboveAllowableSeconds[rack] += (now - since).seconds
      }
      if let since = offSince[rack] {
        copy.books.rackOffSeconds[rack] += (now - since).seconds
      }
    }
    return copy.books
  }

  /// Power that the battery takes in, in W.
  var chargePower: Double { isCharging ? sizing.battery.chargePower.value : 0 }

  /// The plant `seconds` after the last event.
  func moment(_ seconds: Double) -> PlantMoment {
    let room = course.trajectory.roomTemperature(at: seconds)
    let heatFlow =
      isHeld ? course.read(.roomHeatFlow, course.trajectory.weights(at: seconds)).value : 0
    let removed = course.heatRemoved(room: room, heatFlow: heatFlow)
    var supply = course.supplyTemperature(room: room)
    if case .mixed = spec.cooling.distribution { supply = setPoint }
    var moment = PlantMoment()
    moment.coilLoad = operation.coilLoad(removed: removed, room: room, supply: supply)
    let draw = operation.draw(coilLoad: moment.coilLoad, supply: supply)
    moment.cooling = draw.watts
    moment.litresPerSecond = draw.litresPerSecond
    switch source {
    case .none: break
    case .battery where areMachinesStopped:
      moment.batteryLoad = flows.upsInput + draw.watts
    case .battery:
      moment.batteryLoad = flows.upsInput
      feed(draw.watts, &moment)
    case .mains, .generator: feed(draw.watts + flows.upsInput + chargePower, &moment)
    }
    return moment
  }

  private func feed(_ load: Double, _ moment: inout PlantMoment) {
    moment.transformerLoss = sizing.transformer.loss(at: Watts(load)).value
    moment.meter = load + moment.transformerLoss
  }

  /// Integrals of the plant's numbers from `from` to `to` seconds after the last event.
  func integrals(from: Double, to: Double) -> PlantMoment {
    if course.trajectory.isAtRest {
      return PlantMoment(lanes: moment(0).lanes * (to - from))
    }
    return PlantMoment(lanes: Quadrature.integrate(from: from, to: to) { moment($0).lanes })
  }

  /// When the integral of one of the plant's numbers since the last event reaches `target`, in
  /// seconds, up to `end`; nil when later. The number must not be negative.
  func firstTime(until end: Double, integral value: (PlantMoment) -> Double, reaches target: Double)
    -> Double?
  {
    if course.trajectory.isAtRest {
      let rate = value(moment(0))
      return rate > 0 ? target / rate : nil
    }
    guard value(integrals(from: 0, to: end)) >= target else { return nil }
    var low = 0.0
    var high = end
    while high - low > 0.5e-9, high - low > 1e-15 * high {
      let middle = 0.5 * (low + high)
      if value(integrals(from: 0, to: middle)) >= target { high = middle } else { low = middle }
    }
    return high
  }

  /// Books everything from the last event to `time`, which becomes the new base.
  ///
  /// - Returns: the state at `time`.
  mutating func book(to time: SimTime) -> [Double] {
    let seconds = (time - base).seconds
    guard seconds > 0 else { return course.trajectory.start }
    course.trajectory.extend(to: seconds)
    let weights = course.trajectory.weights(at: seconds)
    let state = course.trajectory.state(weights)
    let integrals = bookPlant(to: time)
    bookConstants(seconds, integrals)
    bookHeat(state, seconds, weights)
    bookStates(seconds, integrals)
    books.elapsed += time - base
    books.facilityPeak = max(books.facilityPeak, Watts(peakMeter(seconds)))
    bookCosts()
    base = time
    return state
  }

  /// Books what depends on the heat, split where carbon intensity or price change.
  private mutating func bookPlant(to time: SimTime) -> PlantMoment {
    var total = SIMD8<Double>.zero
    var from = base
    let generatorCarbon = spec.site.generatorCarbonIntensity
    while from < time {
      var to = time
      for change in [
        inputs.carbonIntensity.nextChange(after: from, clock: carbonClock),
        inputs.price.nextChange(after: from, clock: priceClock),
      ] {
        if let change { to = min(to, change) }
      }
      let part = integrals(from: (from - base).seconds, to: (to - base).seconds)
      let kilowattHours = part.meter / 3.6e6
      let intensity =
        source == .generator
        ? generatorCarbon : inputs.carbonIntensity.value(at: from, clock: carbonClock)
      books.carbonGrams += kilowattHours * intensity
      books.costEnergy += kilowattHours * inputs.price.value(at: from, clock: priceClock)
      total += part.lanes
      from = to
    }
    return PlantMoment(lanes: total)
  }

  private mutating func bookConstants(_ seconds: Double, _ integrals: PlantMoment) {
    books.energyItWarmAir += Joules(flows.itWarmAir * seconds)
    let battery = sizing.battery
    let conversion =
      chargePower * (1 - battery.chargeEfficiency) * seconds
      + integrals.batteryLoad * (1 / battery.dischargeEfficiency - 1)
    books.energyIt += Joules(flows.it * seconds)
    books.energyNetwork += Joules(flows.network * seconds)
    books.energyCooling += Joules(integrals.cooling)
    books.energyDistributionLoss += Joules(
      flows.chainLoss * seconds + integrals.transformerLoss + conversion)
    books.energyTotal += Joules(integrals.meter)
    books.waterLitres += integrals.litresPerSecond
    for rack in racks.indices {
      books.rackEnergies[rack] += Joules(flows.rackTotal[rack] * seconds)
      books.rackPeaks[rack] = max(books.rackPeaks[rack], Watts(flows.rackTotal[rack]))
    }
  }

  private mutating func bookCosts() {
    let site = spec.site
    books.costTotal =
      books.costEnergy + books.waterLitres / 1000 * site.waterPrice
      + books.carbonGrams / 1e6 * site.carbonPrice
      + books.facilityPeak.value / 1000 * site.peakPrice
  }

  private mutating func bookHeat(_ state: [Double], _ seconds: Double, _ weights: SeriesWeights) {
    let trajectory = course.trajectory
    let room = course.roomNode
    let roomIntegral = trajectory.integral(room, seconds: seconds, weights)
    let wall = network.envelopeConductance
    var generated = flows.roomHeat * seconds
    let plenum = course.plenumNode
    var stored = network.roomHeatCapacity * (state[room] - trajectory.start[room])
    stored += network.supplyHeatCapacity * (state[plenum] - trajectory.start[plenum])
    var inflow = wall * (course.outdoor * seconds - roomIntegral)
    for rack in racks.indices {
      generated += flows.rackTotal[rack] * seconds
      stored += network.rackHeatCapacity[rack] * (state[rack] - trajectory.start[rack])
      if isHeld {
        let own = trajectory.integral(rack, seconds: seconds, weights)
        inflow +=
          (network.returnFlow[rack] + network.caseConductance) * (own - roomIntegral)
      }
    }
    // Heat removed is linear in the room's temperature, so its integral follows from that.
    let mean = roomIntegral / seconds
    let removed = course.heatRemoved(room: mean, heatFlow: inflow / seconds) * seconds
    books.heatGenerated += Joules(generated)
    books.heatStored += Joules(stored)
    books.heatThroughWalls += Joules(wall * (roomIntegral - course.outdoor * seconds))
    books.heatRemoved += Joules(removed)
  }

  private mutating func bookStates(_ seconds: Double, _ integrals: PlantMoment) {
    let battery = sizing.battery
    let stored =
      chargePower * battery.chargeEfficiency * seconds
      - integrals.batteryLoad / battery.dischargeEfficiency
    books.energyBatteryStored += Joules(stored)
    batteryStored = min(max(0, batteryStored + stored), battery.capacity.value)
    if operation.source == .storage { coldStored = max(0, coldStored - integrals.coilLoad) }
    if operation.recharge > 0 {
      coldStored = min(coldCapacity, coldStored + operation.recharge * seconds)
    }
    for rack in racks.indices {
      breakerWarmth[rack] =
        isLive(rack)
        ? sizing.breakers[rack].warmed(
          breakerWarmth[rack], load: Watts(flows.rackTotal[rack]), seconds: seconds)
        : sizing.breakers[rack].warmed(breakerWarmth[rack], load: .zero, seconds: seconds)
    }
  }

  /// The highest power at the meter from the last event to `seconds` after it, in W.
  ///
  /// Between events the heat removed is smooth; the best of 16 samples is improved by golden
  /// section where it lies inside.
  func peakMeter(_ seconds: Double) -> Double {
    if course.trajectory.isAtRest || seconds == 0 { return moment(0).meter }
    let count = 16
    var best = 0
    var values = [Double](repeating: 0, count: count + 1)
    for k in 0...count {
      values[k] = moment(seconds * Double(k) / Double(count)).meter
      if values[k] > values[best] { best = k }
    }
    guard best > 0, best < count else { return values[best] }
    var low = seconds * Double(best - 1) / Double(count)
    var high = seconds * Double(best + 1) / Double(count)
    let golden = 0.618_033_988_749_894_9
    for _ in 0..<40 {
      let left = high - golden * (high - low)
      let right = low + golden * (high - low)
      if moment(left).meter < moment(right).meter { low = left } else { high = right }
    }
    return max(values[best], moment(0.5 * (low + high)).meter)
  }
}
