// swift-tools-version: 6.2
// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// A package of its own, so that users of the library download nothing of it.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "mainstay", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
    ],
    targets: [
        .target(
            name: "CPeers",
            linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("pq"), .linkedLibrary("mariadb")]
        ),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CPeers",
                .product(name: "MainstaySQLite", package: "mainstay"),
                .product(name: "MainstayPostgreSQL", package: "mainstay"),
                .product(name: "MainstayMariaDB", package: "mainstay"),
                .product(name: "MainstayRecords", package: "mainstay"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
        ),
    ]
)
