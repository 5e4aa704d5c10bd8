// SPDX-License-Identifier: Apache-2.0

extension DemandTrace {
  /// The CPU load of all VMs as wide CSV: one line a VM, `name,v0,v1,…` in percent of its virtual
  /// CPUs, empty where nothing is known. ``DemandTrace/read(_:format:options:)`` reads it back.
  ///
  /// A comma or line feed in a name would be read as the end of the name, so it becomes `_`.
  public var wideCSV: String {
    var text = ""
    for (index, vm) in vms.enumerated() {
      text += String(vm.name.map { $0 == "," || $0.isNewline ? "_" : $0 })
      let percentPerCore = 100 / Float(vm.virtualCPUs)
      for cores in cpuCores.column(index) {
        text += cores.isNaN ? "," : ",\(cores * percentPerCore)"
      }
      text += "\n"
    }
    return text
  }
}
