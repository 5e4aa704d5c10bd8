// SPDX-License-Identifier: Apache-2.0
// What Swift cannot import from <hdf5.h>: macros with casts or side effects.
#include <hdf5.h>
