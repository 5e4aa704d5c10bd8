// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import MigrationModels
import NetworkFlows
import SimulationKernel
public import Units

/// The life-cycle side of shadows, by instance slot (`Instances` has the load side).
struct ShadowTable: Sendable, Codable {
  var state: ContiguousArray<ShadowState> = []
  /// Size asked for, as a share of the primary's capacity.
  var size: ContiguousArray<Double> = []
  /// Size and CPU of a growth under way; the CPU is 0 when there is none.
  var pendingSize: ContiguousArray<Double> = []
  var pendingCores: ContiguousArray<Double> = []
  /// Whether the shadow is to be suspended when its present step ends.
  var suspendsNext: ContiguousArray<Bool> = []
  /// Traffic share on its way through the balancer.
  var orderedShare: ContiguousArray<Double> = []
  /// The command that the present step answers.
  var command: ContiguousArray<CommandID?> = []
  /// The command that the traffic shift on its way answers.
  var shiftCommand: ContiguousArray<CommandID?> = []
  var stepEvent: ContiguousArray<EventHandle?> = []
  /// Its number in the VM's load balancer; -1 while it is not there.
  var target: ContiguousArray<Int32> = []
  /// Bytes that have to come over the network when the present step's delay is over.
  var pendingBytes: ContiguousArray<Double> = []
  /// The transfer of the present step.
  var flow: ContiguousArray<FlowID?> = []
  /// The transfer that keeps it in sync.
  var syncFlow: ContiguousArray<FlowID?> = []
  /// The course of a live clone's copying.
  var course: ContiguousArray<LiveMigration?> = []
  /// Clones whose course has been changed by something else than its own event.
  var unsettledClones: [Int32] = []
  /// Whether it has had traffic.
  var hasCutOver: ContiguousArray<Bool> = []
  /// Whether the present step will be given up instead of ending.
  var isStuck: ContiguousArray<Bool> = []
  /// Times a step has been tried again after a failure.
  var retries: ContiguousArray<Int32> = []
  var orderedAt: ContiguousArray<SimTime> = []
  var readyAt: ContiguousArray<SimTime> = []
  /// When its state was last the primary's; nil before the first sync.
  var syncedAt: ContiguousArray<SimTime?> = []
  var settledAt: ContiguousArray<SimTime> = []
  var isUseful: ContiguousArray<Bool> = []
  /// Whether the margin between readiness and the next overload is still to be recorded.
  var awaitsOverload: ContiguousArray<Bool> = []

  /// Makes room for `count` slots.
  mutating func grow(to count: Int) {
    while state.count < count {
      state.append(.terminated)
      size.append(0)
      pendingSize.append(0)
      pendingCores.append(0)
      suspendsNext.append(false)
      orderedShare.append(0)
      command.append(nil)
      shiftCommand.append(nil)
      stepEvent.append(nil)
      target.append(-1)
      pendingBytes.append(0)
      flow.append(nil)
      syncFlow.append(nil)
      course.append(nil)
      hasCutOver.append(false)
      isStuck.append(false)
      retries.append(0)
      orderedAt.append(.zero)
      readyAt.append(.zero)
      syncedAt.append(nil)
      settledAt.append(.zero)
      isUseful.append(false)
      awaitsOverload.append(false)
    }
  }

  /// Puts a fresh shadow into a slot.
  mutating func begin(
    _ slot: Int, size: Double, suspendsNext: Bool, command: CommandID, at now: SimTime
  ) {
    state[slot] = .provisioning
    self.size[slot] = size
    self.suspendsNext[slot] = suspendsNext
    pendingCores[slot] = 0
    orderedShare[slot] = 0
    self.command[slot] = command
    shiftCommand[slot] = nil
    stepEvent[slot] = nil
    target[slot] = -1
    pendingBytes[slot] = 0
    flow[slot] = nil
    syncFlow[slot] = nil
    course[slot] = nil
    hasCutOver[slot] = false
    isStuck[slot] = false
    retries[slot] = 0
    orderedAt[slot] = now
    readyAt[slot] = .distantFuture
    syncedAt[slot] = nil
    settledAt[slot] = now
    isUseful[slot] = false
    awaitsOverload[slot] = false
  }
}

/// What shadows did and cost over a run.
public struct ShadowBooks: Sendable, Codable {
  /// Time in each state, all shadows together, in the order of `ShadowState.allCases`.
  public internal(set) var secondsByState = [Double](
    repeating: 0, count: ShadowState.allCases.count)
  /// Host CPU held, by state, in core-seconds.
  public internal(set) var coreSecondsByState = [Double](
    repeating: 0, count: ShadowState.allCases.count)
  /// Host memory held, by state, in byte-seconds.
  public internal(set) var byteSecondsByState = [Double](
    repeating: 0, count: ShadowState.allCases.count)
  /// Shadows ordered and accepted.
  public internal(set) var created = 0
  /// Shadows that carried traffic during an overload of their primary.
  public internal(set) var useful = 0
  /// Shadows given up without ever having carried traffic during an overload.
  public internal(set) var useless = 0
  /// Data that live clones sent, those in vain too.
  public internal(set) var cloneBytes = Bytes(0)
  /// Live clones that a stop rule other than the downtime test ended.
  public internal(set) var forcedClones = 0
  /// Time for which primaries stood still at the end of their cloning, in seconds.
  public internal(set) var clonePauseSeconds = 0.0
  /// Shadows that became ready after the overload had begun.
  public internal(set) var late = 0
  /// Shadows whose creation failed.
  public internal(set) var failed = 0
  /// Seconds from the command to ready, one value a shadow or resume, in order of readiness.
  public internal(set) var leadTimeSeconds: [Double] = []
  /// Seconds from ready to the start of the overload that followed (negative: late).
  public internal(set) var marginSeconds: [Double] = []

  /// Time with traffic (`active` and `draining`).
  public var activeSeconds: Double { seconds(in: [.active, .draining]) }
  /// Time without traffic: everything from standby on, incl. suspended, before it is given up.
  public var standbySeconds: Double {
    seconds(in: [.standby, .syncing, .ready, .suspended, .resuming])
  }

  private func seconds(in states: [ShadowState]) -> Double {
    states.reduce(0) { $0 + secondsByState[$1.position] }
  }
}

extension ShadowState {
  /// Position in `allCases`.
  var position: Int {
    switch self {
    case .provisioning: 0
    case .standby: 1
    case .syncing: 2
    case .ready: 3
    case .active: 4
    case .draining: 5
    case .suspended: 6
    case .resuming: 7
    case .terminating: 8
    case .terminated: 9
    }
  }
}
