// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Mean of a log-normal variable over its median, e^(σ²/2).
func meanOverMedian(sigma: Double) -> Double { exp(sigma * sigma / 2) }
