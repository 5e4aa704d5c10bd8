// SPDX-License-Identifier: Apache-2.0
import CHDF5

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One HDF5 file, being written or read.
///
/// A file being written stands under the temporary name `path.partial` and gets its own name when
/// it is complete (``finish()``), so a file that looks whole is whole. Without `finish()` it is
/// deleted with the last reference to it; groups and datasets are such references.
///
/// Equal calls give equal bytes: no time stamps, fixed byte order, creation order kept. Use a file
/// from one thread at a time; different files may be used from different threads.
public final class File {
  /// Where the file is, or will be when it is finished.
  public let path: String
  private let rootHandle: Handle
  private let id: hid_t
  private let claim: WriteClaim?
  private var isOpen = true

  private init(path: String, claim: WriteClaim?, id: hid_t, rootHandle: Handle) {
    self.path = path
    self.claim = claim
    self.id = id
    self.rootHandle = rootHandle
  }

  /// The group `/`.
  public var root: Group { Group(handle: rootHandle, file: self, path: "/") }

  /// Begins a file that will stand at `path`; one that is there stays until ``finish()``.
  ///
  /// - Throws: when the temporary file cannot be made, or another writer holds it.
  public static func create(_ path: String) throws(HDF5Error) -> File {
    let operation = "create the file"
    let claim = try WriteClaim(for: path)
    let list = try accessList(path)
    let creation = try Handle(operation, path, closer: H5Pclose) {
      H5Pcreate(fs_file_create_class())
    }
    // A later rerun must give the same bytes, so no object carries the time of its making.
    _ = try Library.call(operation, path) { H5Pset_obj_track_times(creation.id, false) }
    // netCDF-4 lists variables in the order in which they were made.
    _ = try Library.call(operation, path) {
      H5Pset_link_creation_order(creation.id, fs_ordered())
    }
    _ = try Library.call(operation, path) {
      H5Pset_attr_creation_order(creation.id, fs_ordered())
    }
    let id = try Library.call(operation, path) {
      H5Fcreate(claim.partialPath, fs_truncate(), creation.id, list.id)
    }
    return try make(path: path, claim: claim, id: id)
  }

  /// Opens a file for reading.
  ///
  /// - Throws: when there is no file, or it is not HDF5.
  public static func open(_ path: String) throws(HDF5Error) -> File {
    guard access(path, R_OK) == 0 else { throw systemError("open the file", path) }
    let list = try accessList(path)
    let id = try Library.call("open the file", path) {
      H5Fopen(path, fs_read_only(), list.id)
    }
    return try make(path: path, claim: nil, id: id)
  }

  private static func make(path: String, claim: WriteClaim?, id: hid_t) throws(HDF5Error) -> File {
    do {
      let root = try Handle("open the root group", path, closer: H5Gclose) {
        H5Gopen2(id, "/", fs_default())
      }
      return File(path: path, claim: claim, id: id, rootHandle: root)
    } catch {
      Library.attempt { H5Fclose(id) }
      throw error
    }
  }

  /// How files are opened: closing closes all inside; headers of format 1.8, the netCDF-4 choice.
  private static func accessList(_ path: String) throws(HDF5Error) -> Handle {
    let operation = "prepare the file"
    let list = try Handle(operation, path, closer: H5Pclose) { H5Pcreate(fs_file_access_class()) }
    _ = try Library.call(operation, path) { H5Pset_fclose_degree(list.id, H5F_CLOSE_STRONG) }
    _ = try Library.call(operation, path) {
      H5Pset_libver_bounds(list.id, H5F_LIBVER_V18, H5F_LIBVER_V18)
    }
    // The library truncates a file before it looks for the lock; `WriteClaim` locks first.
    _ = try Library.call(operation, path) { H5Pset_file_locking(list.id, false, true) }
    return list
  }

  /// Closes the file and, when it was being written, gives it its name.
  ///
  /// Groups and datasets of the file can no longer be used. Calling it again does nothing.
  ///
  /// - Throws: when the last bytes cannot be written or the name cannot be given; the temporary
  ///   file is deleted then.
  public func finish() throws(HDF5Error) {
    guard isOpen else { return }
    do {
      _ = try Library.call("write the file", path) { H5Fflush(id, H5F_SCOPE_LOCAL) }
    } catch {
      discard()
      throw error
    }
    isOpen = false
    do throws(HDF5Error) {
      _ = try Library.call("close the file", path) { H5Fclose(id) }
      try claim?.giveName(path)
    } catch {
      claim?.deletePartial()
      throw error
    }
  }

  /// Closes the file and deletes it when it was being written and is not finished.
  public func discard() {
    guard isOpen else { return }
    isOpen = false
    Library.attempt { H5Fclose(id) }
    claim?.deletePartial()
  }

  deinit { discard() }
}

/// The sole right of this process and this writer to a temporary file, held by a file lock that
/// the system drops when the process dies.
private final class WriteClaim {
  let partialPath: String
  private let descriptor: Int32

  init(for path: String) throws(HDF5Error) {
    partialPath = path + ".partial"
    descriptor = open(partialPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw systemError("create the file", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw HDF5Error(
        operation: "create the file", path: path, reason: "another run is writing it")
    }
  }

  func giveName(_ path: String) throws(HDF5Error) {
    guard rename(partialPath, path) == 0 else {
      throw systemError("give the finished file its name", path)
    }
  }

  func deletePartial() { unlink(partialPath) }

  deinit { if descriptor >= 0 { close(descriptor) } }
}

/// The system's word on the call that has just failed.
private func systemError(_ operation: String, _ path: String) -> HDF5Error {
  HDF5Error(operation: operation, path: path, reason: String(cString: strerror(errno)))
}
