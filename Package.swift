// swift-tools-version: 6.2
// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CompilerPluginSupport
import PackageDescription

// pkg-config is asked on macOS only, where Homebrew's libraries lie outside the compiler's default paths. On Linux it
// would warn users of one driver about the libraries of the others; there the shims find the headers themselves.
#if os(macOS)
func pkgConfig(_ name: String) -> String? { name }
#else
func pkgConfig(_ name: String) -> String? { nil }
#endif

let settings: [SwiftSetting] = [
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let drivers: [Target.Dependency] = ["MainstaySQLite", "MainstayPostgreSQL", "MainstayMariaDB"]

let package = Package(
    name: "mainstay",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Mainstay", targets: ["Mainstay"]),
        .library(name: "MainstaySQLite", targets: ["MainstaySQLite"]),
        .library(name: "MainstayPostgreSQL", targets: ["MainstayPostgreSQL"]),
        .library(name: "MainstayMariaDB", targets: ["MainstayMariaDB"]),
        .library(name: "MainstayRecords", targets: ["MainstayRecords"]),
        .library(name: "MainstayMetrics", targets: ["MainstayMetrics"]),
        .library(name: "MainstayTesting", targets: ["MainstayTesting"]),
        .executable(name: "mainstay", targets: ["MainstayTool"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/swiftlang/swift-syntax", "603.0.0"..<"604.0.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.0.0"..<"5.0.0"),
    ],
    targets: [
        .target(
            name: "Mainstay",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .macro(
            name: "MainstayRecordsMacros",
            dependencies: [
                .product(name: "SwiftSyntax", package: "swift-syntax"),
                .product(name: "SwiftSyntaxBuilder", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
                .product(name: "SwiftDiagnostics", package: "swift-syntax"),
                .product(name: "SwiftParser", package: "swift-syntax"),
                .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MainstayRecords",
            dependencies: ["Mainstay", "MainstayRecordsMacros"],
            swiftSettings: settings
        ),
        .target(
            name: "MainstayMetrics",
            dependencies: ["Mainstay", .product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings
        ),
        .target(
            name: "MainstayTesting",
            dependencies: ["Mainstay", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "CSQLite",
            path: "Drivers/SQLite/CSQLite",
            pkgConfig: pkgConfig("sqlite3"),
            providers: [.apt(["libsqlite3-dev"]), .yum(["sqlite-devel"]), .brew(["sqlite"])]
        ),
        .target(
            name: "MainstaySQLite",
            dependencies: ["Mainstay", "CSQLite"],
            path: "Drivers/SQLite/MainstaySQLite",
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "CLibPQ",
            path: "Drivers/PostgreSQL/CLibPQ",
            pkgConfig: pkgConfig("libpq"),
            providers: [.apt(["libpq-dev"]), .yum(["libpq-devel"]), .brew(["libpq"])]
        ),
        .target(
            name: "MainstayPostgreSQL",
            dependencies: ["Mainstay", "CLibPQ"],
            path: "Drivers/PostgreSQL/MainstayPostgreSQL",
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "CMariaDB",
            path: "Drivers/MariaDB/CMariaDB",
            pkgConfig: pkgConfig("libmariadb"),
            providers: [.apt(["libmariadb-dev"]), .yum(["mariadb-connector-c-devel"]), .brew(["mariadb-connector-c"])]
        ),
        .target(
            name: "MainstayMariaDB",
            dependencies: ["Mainstay", "CMariaDB"],
            path: "Drivers/MariaDB/MainstayMariaDB",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "MainstayTool",
            dependencies: drivers + [
                "MainstayRecords",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MainstayTests",
            dependencies: ["Mainstay", "MainstayTesting", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MainstayMetricsTests",
            dependencies: [
                "Mainstay", "MainstayMetrics", "MainstaySQLite",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MatrixTests",
            dependencies: drivers + ["MainstayRecords", "MainstayTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MainstayRecordsTests",
            dependencies: ["Mainstay", "MainstayRecords"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MainstayRecordsMacrosTests",
            dependencies: [
                "MainstayRecordsMacros",
                .product(name: "SwiftSyntax", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacroExpansion", package: "swift-syntax"),
                .product(name: "SwiftDiagnostics", package: "swift-syntax"),
                .product(name: "SwiftParser", package: "swift-syntax"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MainstaySQLiteTests",
            dependencies: ["MainstaySQLite", "MainstayTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MainstayPostgreSQLTests",
            dependencies: ["MainstayPostgreSQL", "MainstayTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MainstayMariaDBTests",
            dependencies: ["MainstayMariaDB", "MainstayTesting"],
            swiftSettings: settings
        ),
    ]
)
