import FoundationEssentials
import Storage
import TestSupport
import Testing

@Suite("Contract: values come back as they went in")
struct ValueTests {
    static let texts = [
        "", " ", "a", "A", "ä", "a\u{308}", "中文 陈", "👩🏽‍💻🇨🇳", "\u{FEFF}", "line\nbreak\ttab\r",
        "'\"\\%_$1?", "0042", "null",
        String(repeating: "长", count: 400_000),
    ]

    @Test("text, byte for byte", arguments: Backend.available)
    func text(backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.write { db in
                try db.notes.create()
                for (index, text) in Self.texts.enumerated() { try db.notes.insert(Note("\(index)", text)) }
            }
            for (index, text) in Self.texts.enumerated() {
                let body = try await database.read { db in try db.notes.identified(by: "\(index)")?.body }
                #expect(body.map { Array($0.utf8) } == Array(text.utf8))
                let found = try await database.read { db in
                    try db.rows("SELECT id FROM notes WHERE body = \(text)") { row in try row.next(String.self) }
                }
                #expect(found == ["\(index)"])
            }
        }
    }

    @Test("numbers to the ends of 64 bits", arguments: Backend.available)
    func numbers(backend: Backend) async throws {
        let numbers = [Int.min, Int.min + 1, -1, 0, 1, 1_700_000_000, .max]
        try await backend.withDatabase { database in
            let back = try await database.write { db in
                try db.notes.create()
                for number in numbers { try db.notes.insert(Note("\(number)", rank: number)) }
                return try db.rows("SELECT rank FROM notes ORDER BY rank") { row in try row.next(Int.self) }
            }
            #expect(back == numbers)
        }
    }

    @Test("times in whole seconds, flags, nulls and expressions", arguments: Backend.available)
    func others(backend: Backend) async throws {
        struct Values: Equatable, Sendable {
            var time: Date
            var noTime: Date?
            var flag: Bool
            var noText: String?
            var count: Int
            var sum: Int
            var isGreater: Bool
            var exists: Bool
        }
        let noTime: Date? = nil
        let noText: String? = nil
        try await backend.withDatabase { database in
            let values = try await database.write { db in
                try db.notes.create()
                for number in 1...3 { try db.notes.insert(Note("\(number)", rank: number)) }
                return try db.row(
                    """
                    SELECT \(now + 0.9), \(noTime), \(true), \(noText), COUNT(*), SUM(rank), SUM(rank) > \(5),
                    EXISTS (SELECT id FROM notes WHERE id = \("9")) FROM notes WHERE \(noText) IS NULL
                    """
                ) { row in
                    Values(
                        time: try row.next(), noTime: try row.next(), flag: try row.next(), noText: try row.next(),
                        count: try row.next(), sum: try row.next(), isGreater: try row.next(), exists: try row.next())
                }
            }
            #expect(
                values
                    == Values(
                        time: now, noTime: nil, flag: true, noText: nil, count: 3, sum: 6, isGreater: true,
                        exists: false))
        }
    }

    @Test("a type outside the common subset is refused by name", arguments: Backend.available)
    func foreignType(backend: Backend) async throws {
        try await backend.withDatabase { database in
            await #expect(throws: DatabaseError.unexpectedValue(column: "half")) {
                try await database.read { db in try db.execute("SELECT 0.5 AS half") }
            }
        }
    }

    @Test("text is ordered by its bytes", arguments: Backend.available)
    func order(backend: Backend) async throws {
        let ordered = [
            "", "-a", "10", "9", "B", "Z", "_", "a", "a-c", "ab", "b", "z", "é", "中", "\u{FF5E}", "😀",
        ]
        try await backend.withDatabase { database in
            let ids = try await database.write { db in
                try db.notes.create()
                for id in ordered.reversed() { try db.notes.insert(Note(id)) }
                return try db.notes.all().map(\.id)
            }
            #expect(ids == ordered)
            let page = try await database.read { db in
                try db.rows("SELECT id FROM notes WHERE (rank, id) > (\(0), \("B")) ORDER BY rank, id LIMIT \(3)") {
                    row in try row.next(String.self)
                }
            }
            #expect(page == ["Z", "_", "a"])
        }
    }

    @Test("nulls last is said and done", arguments: Backend.available)
    func nulls(backend: Backend) async throws {
        try await backend.withDatabase { database in
            let bodies = try await database.write { db in
                try db.notes.create()
                for (index, body) in ["b", nil, "a"].enumerated() { try db.notes.insert(Note("\(index)", body)) }
                return try db.rows("SELECT body FROM notes ORDER BY body NULLS LAST") { row in
                    try row.next(String?.self)
                }
            }
            #expect(bodies == ["a", "b", nil])
        }
    }

    @Test("equality knows case, and a pattern matches literally", arguments: Backend.available)
    func matching(backend: Backend) async throws {
        try await backend.withDatabase { database in
            let (equal, like) = try await database.write { db in
                try db.notes.create()
                for id in ["Alice", "alice", "50% off", "50 coff", #"a\b"#] { try db.notes.insert(Note(id)) }
                let equal = try db.rows("SELECT id FROM notes WHERE id = \("alice")") { row in try row.next(String.self)
                }
                let like = try ["50% o", #"a\b"#].map { text in
                    try db.rows(#"SELECT id FROM notes WHERE id LIKE \#(LikePattern.containing(text)) ESCAPE '\'"#) {
                        row in try row.next(String.self)
                    }
                }
                return (equal, like)
            }
            #expect(equal == ["alice"])
            #expect(like == [["50% off"], [#"a\b"#]])
        }
    }
}
