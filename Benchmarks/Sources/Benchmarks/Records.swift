// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayRecords

/// A row of six columns: what is scanned.
@Record("bench_rows")
struct Row6 {
    @ID var id: Int64
    var name: String
    var email: String
    var age: Int32
    var score: Double
    var active: Bool

    init(_ number: Int) {
        let target = Target(number)
        id = Int64(number)
        (name, email, age, score, active) = (target.name, target.email, target.age, target.score, target.active)
    }
}

/// The same: what is changed.
@Record("bench_work")
struct Work {
    static let count = 1000

    @ID var id: Int64
    var name: String
    var email: String
    var age: Int32
    var score: Double
    var active: Bool

    init(_ number: Int) {
        let target = Target(number)
        id = Int64(number)
        (name, email, age, score, active) = (target.name, target.email, target.age, target.score, target.active)
    }
}

/// A row of the same columns whose key the database makes: what is inserted.
@Record("bench_targets")
struct Target {
    @ID var id: Int64?
    var name: String
    var email: String
    var age: Int32
    var score: Double
    var active: Bool

    init(_ number: Int) {
        name = "name of \(number)"
        email = "user\(number)@example.com"
        age = Int32(number % 90)
        score = Double(number) / 2
        active = number % 2 == 1
    }
}
