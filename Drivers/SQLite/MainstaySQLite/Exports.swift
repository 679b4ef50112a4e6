// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// An application that uses one database writes one import.
@_exported public import Mainstay
