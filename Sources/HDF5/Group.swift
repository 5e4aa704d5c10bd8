// SPDX-License-Identifier: Apache-2.0
import CHDF5

/// A group of datasets and further groups.
public struct Group {
  let handle: Handle
  let file: File
  /// The absolute path inside the file.
  public let path: String

  /// The file and the absolute path of a member (or of the group itself), for messages.
  func place(_ name: String = "") -> String {
    "\(file.path):\(name.isEmpty ? path : member(name))"
  }

  func member(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

  /// Makes a group inside this one.
  ///
  /// - Throws: when the name is taken.
  public func createGroup(_ name: String) throws(HDF5Error) -> Group {
    let operation = "create the group"
    let creation = try Handle(operation, place(name), closer: H5Pclose) {
      H5Pcreate(fs_group_create_class())
    }
    _ = try Library.call(operation, place(name)) { H5Pset_obj_track_times(creation.id, false) }
    _ = try Library.call(operation, place(name)) {
      H5Pset_link_creation_order(creation.id, fs_ordered())
    }
    _ = try Library.call(operation, place(name)) {
      H5Pset_attr_creation_order(creation.id, fs_ordered())
    }
    let made = try Handle(operation, place(name), closer: H5Gclose) {
      H5Gcreate2(handle.id, name, fs_default(), creation.id, fs_default())
    }
    return Group(handle: made, file: file, path: member(name))
  }

  /// Opens a group inside this one.
  ///
  /// - Throws: when there is none of that name.
  public func group(_ name: String) throws(HDF5Error) -> Group {
    let opened = try Handle("open the group", place(name), closer: H5Gclose) {
      H5Gopen2(handle.id, name, fs_default())
    }
    return Group(handle: opened, file: file, path: member(name))
  }

  /// Opens a dataset inside this group.
  ///
  /// - Throws: when there is none of that name.
  public func dataset(_ name: String) throws(HDF5Error) -> Dataset {
    let opened = try Handle("open the dataset", place(name), closer: H5Dclose) {
      H5Dopen2(handle.id, name, fs_default())
    }
    return Dataset(handle: opened, file: file, path: member(name))
  }

  /// Whether the group has a member of that name.
  public func contains(_ name: String) throws(HDF5Error) -> Bool {
    try Library.call("look for a member", place(name)) {
      H5Lexists(handle.id, name, fs_default())
    } > 0
  }

  /// Gives an object of the same file a second name inside this group (a hard link).
  ///
  /// It is how groups share a dimension scale: each shows it as its own, and it exists once.
  public func link(_ name: String, to target: Dataset) throws(HDF5Error) {
    _ = try Library.call("link the dataset", place(name)) {
      H5Olink(target.handle.id, handle.id, name, fs_default(), fs_default())
    }
  }

  /// The order in which members are listed.
  public enum Order: Sendable {
    /// By name, byte by byte.
    case name
    /// In the order in which they were made; only for files that keep it, as ours do.
    case creation

    fileprivate var index: H5_index_t {
      switch self {
      case .name: H5_INDEX_NAME
      case .creation: H5_INDEX_CRT_ORDER
      }
    }
  }

  /// Names of all groups inside.
  public func groupNames(in order: Order = .name) throws(HDF5Error) -> [String] {
    try names(of: H5O_TYPE_GROUP, in: order)
  }

  /// Names of all datasets inside.
  public func datasetNames(in order: Order = .name) throws(HDF5Error) -> [String] {
    try names(of: H5O_TYPE_DATASET, in: order)
  }

  private func names(of type: H5O_type_t, in order: Order) throws(HDF5Error) -> [String] {
    let operation = "list the group"
    var info = H5G_info_t()
    _ = try Library.call(operation, place()) { H5Gget_info(handle.id, &info) }
    var names: [String] = []
    for index in 0..<info.nlinks {
      var object = H5O_info_t()
      _ = try Library.call(operation, place()) {
        H5Oget_info_by_idx2(
          handle.id, ".", order.index, H5_ITER_INC, index, &object, UInt32(H5O_INFO_BASIC),
          fs_default())
      }
      if object.type == type { names.append(try name(at: index, in: order)) }
    }
    return names
  }

  private func name(at index: hsize_t, in order: Order) throws(HDF5Error) -> String {
    func get(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) throws(HDF5Error) -> Int {
      try Library.call("list the group", place()) {
        H5Lget_name_by_idx(
          handle.id, ".", order.index, H5_ITER_INC, index, buffer, size, fs_default())
      }
    }
    let length = try get(nil, 0)
    var buffer = [CChar](repeating: 0, count: length + 1)
    _ = try get(&buffer, length + 1)
    return textUpToNul(buffer)
  }
}
