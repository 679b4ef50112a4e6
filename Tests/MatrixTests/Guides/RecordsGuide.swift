// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

// #records
@Record("customers")
struct Customer {
    @ID var id: Int64?
    var name: String
    var age: Int?
}

@Record("orders", columns: .snakeCase)
struct Order {
    enum Status: String, SQLCodable { case open, paid }
    struct Address: Codable, Sendable { var street: String }

    @ID var id: Int64?
    @References(Customer.self) var customerID: Int64?
    var net: Int64
    var tax: Int64
    var status: Status = .open
    @Column("ship_to") var address: JSON<Address>?
    @Generated var gross: Int64?
    @Version var version = 1
}

// #composite
@Record("places")
struct Place {
    @ID var hall: String
    @ID var number: Int
    var guest: String?
}

/// The code of `Records.md`, and what it claims.
@Suite struct RecordsGuide {
    @Test(arguments: DatabaseRun.all)
    func `records are added, read and changed`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            // #first
            try await database.write { session in
                let ada = try session.add(Customer(name: "Ada"))
                let order = try session.add(Order(net: 100, tax: 19))
                order.link(\.customerID, to: ada)
            }
            let paid = try await database.write { session in
                let orders = try session.query(Order.self).filter { $0.status == .open }.all()
                for order in orders { order.status = .paid }
                return orders.map(\.value)
            }

            #expect(paid.map(\.gross) == [119])
            #expect(paid.first?.customerID != nil)

            // #discard
            try await database.write { session in
                _ = try session.add(Customer(name: "Grace"))
            }

            let status = try await database.query("SELECT status FROM orders", as: Order.Status.self)
            #expect(status == [.paid])
            #expect(try await database.query("SELECT count(*) FROM customers", as: Int.self) == [2])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `keys`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.write { session in
                // #key
                let ada = try session.add(Customer(name: "Ada"))
                try session.flush()
                let id = try ada.key()

                #expect(ada.id == id)
                try session.add(Place(hall: "A", number: 7))

                // #placeKey
                let place = try session.getOne(Place.self, Place.Key(hall: "A", number: 7))

                #expect(place.guest == nil)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `queries`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()
            try await database.read { session in
                let name = "ada"

                // #query
                let adults = try session.query(Customer.self)
                    .filter { $0.age >= 18 && !$0.name.hasPrefix("test") }
                    .order {
                        $0.age.descending
                        $0.name
                    }
                    .limit(10)
                    .all()
                let found = try session.query(Customer.self).filter { "lower(\($0.name)) = \(name)" }.oneOrNil()

                #expect(adults.map(\.name) == ["Grace", "Ada"])
                #expect(found?.name == "Ada")
            }

            // #values
            let names = try await database.read { session in
                try session.query(Customer.self).order { $0.id }.values().all()
            }

            #expect(names.map(\.name) == ["Ada", "Grace", "Edsger"])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `related records`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()
            try await database.read { session in
                // #join
                let rows = try session.query(Order.self).join(\.customerID)
                    .filter { order, customer in order.net > 10 && customer.age > 18 }
                    .all()
                for (order, customer) in rows {
                    print(customer.name, order.net)
                }

                #expect(rows.map { $0.1.name } == ["Ada"])

                // #matches
                let count = try session.query(Order.self).filter { $0.customerID.matches { $0.name == "Ada" } }.count()

                #expect(count == 2)

                // #load
                let orders = try session.query(Order.self).order { $0.id }.all()
                let customers = try session.load(\.customerID, of: orders)
                for order in orders {
                    print(order.net, customers[order]?.name ?? "nobody")
                }
                let everybody = try session.query(Customer.self).all()
                let theirs = try session.load(Order.self, by: \.customerID, of: everybody)
                for customer in everybody {
                    print(customer.name, theirs[customer].count)
                }

                #expect(orders.map { customers[$0]?.name } == ["Ada", "Ada", nil])
                #expect(everybody.map { theirs[$0].count }.sorted() == [0, 0, 2])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `locks`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()

            // #lock
            try await database.write(isolation: .readCommitted) { session in
                let next = try session.query(Order.self)
                    .filter { $0.status == .open }
                    .order { $0.id }
                    .locking(RowLock(.update, whenLocked: .skip))
                    .first()
                next?.status = .paid
            }

            let rows = try await database.query("SELECT status FROM orders ORDER BY id", as: Order.Status.self)
            #expect(rows == [.paid, .open, .open])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `values come back into a session`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()
            let form: @Sendable (Order) -> Order = { order in
                var order = order
                order.tax = 3
                return order
            }

            // #merge
            let order = try await database.read { session in try session.query(Order.self).values().all()[0] }
            let changed = form(order)
            try await database.write { session in
                _ = try session.merge(changed)
            }

            #expect(try await database.query("SELECT tax, version FROM orders WHERE tax = 3").count == 1)
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { session in _ = try session.merge(changed) }
            }
            #expect(error?.code == .staleRecord)
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `autoflush`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()
            try await database.write { session in
                // #noAutoflush
                let sum = try session.noAutoflush {
                    let sum = try session.add(Order(net: 0, tax: 0))
                    sum.net = try session.query("SELECT max(net) FROM orders", as: Int64.self).one()
                    return sum
                }

                #expect(sum.state == .pending && sum.net == 100)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `many rows`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()
            let imported = ["Barbara", "Tony"].map { Customer(name: $0) }
            try await database.write { session in
                let orders = try session.query(Order.self).values().all()

                // #bulk
                try session.bulkInsert(imported)
                try session.bulkUpdate(orders) {
                    $0.status
                    $0.tax
                }
                try session.query(Order.self).filter { $0.status == .open }.update {
                    $0.tax.set(to: "\($0.tax) + \(1)")
                }
                try session.query(Order.self).filter { $0.net.in(0..<10) }.delete()

                #expect(try session.query(Customer.self).count() == 5)
                #expect(try session.query(Order.self).order { $0.id }.values().all().map(\.tax) == [2, 3])
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `savepoints`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()
            try await database.write { session in
                // #savepoint
                let customer = Tracked(Customer(name: "Ada"))
                do {
                    try session.withSavepoint { try session.add(customer) }
                } catch let error as DatabaseError where error.code == .uniqueViolation {
                    // It is transient again, and the transaction goes on.
                    customer.name += " (2)"
                    try session.add(customer)
                }

                #expect(customer.name == "Ada (2)" && customer.state == .pending)
            }
            #expect(try await database.query("SELECT count(*) FROM customers", as: Int.self) == [4])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `somebody else was faster`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()
            try await database.withSession { session in
                let order = try session.query(Order.self).all()[0]
                order.net += 10
                try session.commit()
                try session.execute("UPDATE orders SET net = 50, version = 7")
                try session.commit()

                // #stale
                order.net += 10
                do {
                    try session.commit()
                } catch let error as DatabaseError where error.code == .staleRecord {
                    session.rollback()
                    try session.refresh(order, locking: .update)
                    order.net += 10
                    try session.commit()
                }

                #expect(order.net == 60 && order.version == 8)
            }
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `an unmanaged session goes on with its handles`(_ run: DatabaseRun) async throws {
        try await run.withShop { database in
            try await database.fill()

            // #states
            try await database.withSession { session in
                let ada = try session.query(Customer.self).filter { $0.name == "Ada" }.one()
                let new = try session.add(Customer(name: "Barbara"))
                ada.age = 37
                try session.flush()
                session.rollback()
                print(ada.age ?? 0, new.state, new.id ?? 0) // 36 transient 0
                try session.add(new)
                ada.age = 37
                try session.commit()
                print(ada.age ?? 0, new.state, ada.state) // 37 stale stale
            }

            let ages = try await database.query("SELECT age FROM customers ORDER BY id", as: Int?.self)
            #expect(ages == [37, 40, nil, nil])
        }
    }
}

extension Database {
    /// Three customers, and three orders, of which the first two are Ada's.
    fileprivate func fill() async throws {
        try await write { session in
            let ada = try session.add(Customer(name: "Ada", age: 36))
            try session.addAll([Customer(name: "Grace", age: 40), Customer(name: "Edsger")])
            let orders = try session.addAll([100, 10, 5].map { Order(net: $0, tax: $0 == 100 ? 1 : 2) })
            for order in orders.prefix(2) { order.link(\.customerID, to: ada) }
        }
    }
}

extension DatabaseRun {
    /// Gives a function a database with the tables of the records.
    fileprivate func withShop(_ body: (Database) async throws -> Void) async throws {
        try await withDatabase { database in
            // #tables
            try await database.execute(
                """
                CREATE TABLE customers (
                    id \(type: .generatedKey), name \(type: .varchar(100)) NOT NULL UNIQUE, age \(type: .int32)
                )
                """
            )
            try await database.execute(
                """
                CREATE TABLE orders (
                    id \(type: .generatedKey),
                    customer_id \(type: .int64) REFERENCES customers (id),
                    net \(type: .int64) NOT NULL, tax \(type: .int64) NOT NULL,
                    status \(type: .varchar(10)) NOT NULL, ship_to \(type: .json),
                    gross \(type: .int64) GENERATED ALWAYS AS (net + tax) STORED,
                    version \(type: .int64) NOT NULL
                )
                """
            )

            try await database.execute(
                """
                CREATE TABLE places (
                    hall \(type: .varchar(20)), number \(type: .int32), guest \(type: .text), PRIMARY KEY (hall, number)
                )
                """
            )
            try await body(database)
        }
    }
}
