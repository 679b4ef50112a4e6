// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Whose server it is, and so what its error numbers mean.
enum Vendor: String, Sendable {
    case mariaDB = "MariaDB"
    case mySQL = "MySQL"
}
