// SPDX-License-Identifier: Apache-2.0
// What starting a program needs of GNU's C library that Swift's import of it leaves out.
#ifndef CHILD_PROCESS_H
#define CHILD_PROCESS_H

#include <sys/types.h>

/// A pipe whose ends no program started elsewhere inherits, neither of them a standard stream.
///
/// - Parameter ends: Receives the reading and the writing end.
/// - Returns: 0, or an error number.
int child_pipe(int ends[2]);

/// Starts a program as the leader of a process group of its own, with the surroundings of this
/// process, default actions for all signals, and no descriptor but its standard streams.
///
/// - Parameters:
///   - leader: Receives the process number.
///   - arguments: The program (looked up in PATH unless it has a slash), its arguments, NULL.
///   - folder: Its working directory.
///   - streams: What becomes its standard input, output and error.
/// - Returns: 0, or an error number.
int child_start(pid_t *leader, char *const arguments[], const char *folder, const int streams[3]);

#endif
