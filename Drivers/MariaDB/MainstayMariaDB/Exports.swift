// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// An application that imports this module has the whole of the core by the same import.
@_exported public import Mainstay
