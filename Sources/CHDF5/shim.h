// SPDX-License-Identifier: Apache-2.0
// What Swift cannot import from <hdf5.h>: macros with casts or side effects.
#include <hdf5.h>
#include <hdf5_hl.h>

// Types of elements in memory.
static inline hid_t fs_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t fs_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t fs_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t fs_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t fs_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t fs_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t fs_native_uint64(void) { return H5T_NATIVE_UINT64; }
// Types of elements in the file: fixed byte order, so that files do not depend on the machine.
static inline hid_t fs_file_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t fs_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t fs_file_int8(void) { return H5T_STD_I8LE; }
static inline hid_t fs_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t fs_file_int32(void) { return H5T_STD_I32LE; }
static inline hid_t fs_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t fs_file_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t fs_c_string(void) { return H5T_C_S1; }
static inline size_t fs_variable_length(void) { return H5T_VARIABLE; }
// Property list classes, flags and special values.
static inline hid_t fs_file_create_class(void) { return H5P_FILE_CREATE; }
static inline hid_t fs_file_access_class(void) { return H5P_FILE_ACCESS; }
static inline hid_t fs_group_create_class(void) { return H5P_GROUP_CREATE; }
static inline hid_t fs_dataset_create_class(void) { return H5P_DATASET_CREATE; }
static inline hid_t fs_link_create_class(void) { return H5P_LINK_CREATE; }
static inline hid_t fs_default(void) { return H5P_DEFAULT; }
static inline hid_t fs_all(void) { return H5S_ALL; }
static inline hid_t fs_default_errors(void) { return H5E_DEFAULT; }
static inline hsize_t fs_unlimited(void) { return H5S_UNLIMITED; }
static inline unsigned fs_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned fs_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned fs_ordered(void) { return H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED; }
