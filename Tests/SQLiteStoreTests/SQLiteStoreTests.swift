// SPDX-License-Identifier: Apache-2.0
import Foundation
import PVMS
import SQLiteStore
import SimulationKernel
import Testing
import Units
