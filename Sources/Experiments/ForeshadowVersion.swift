// SPDX-License-Identifier: Apache-2.0

/// The version of this program, stated in `--version`, run files and reports.
public enum ForeshadowVersion {
  /// Semantic version of the command line, the scenario format and the run file.
  public static let current = "0.1.0"
}
