// swift-tools-version: 6.2
// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "MariaDBExample",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "mainstay", path: "../..")],
    targets: [
        .executableTarget(
            name: "MariaDBExample",
            dependencies: [.product(name: "MainstayMariaDB", package: "mainstay")]
        )
    ]
)
