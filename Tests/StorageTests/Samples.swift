import Dispatch
import FoundationEssentials
import Glibc
import Storage

/// The table that most of the contract is tried on.
struct Note: Equatable, Sendable {
    var id: String
    var body: String?
    var rank: Int

    init(_ id: String, _ body: String? = nil, rank: Int = 0) {
        self.id = id
        self.body = body
        self.rank = rank
    }

    init(from row: inout SQLRow) throws { self.init(try row.next(), try row.next(), rank: try row.next()) }
}

/// Written as the product's stores are.
struct Notes {
    let db: any Connection

    func create() throws {
        try db.define("CREATE TABLE notes (id TEXT PRIMARY KEY, body TEXT, rank BIGINT NOT NULL)")
    }

    func insert(_ note: Note) throws {
        try db.execute(
            "INSERT INTO notes (id, body, rank) VALUES (\(note.id), \(note.body), \(note.rank))")
    }

    func all() throws -> [Note] {
        try db.rows("SELECT id, body, rank FROM notes ORDER BY id", as: Note.init(from:))
    }

    func identified(by id: String) throws -> Note? {
        try db.row("SELECT id, body, rank FROM notes WHERE id = \(id)", as: Note.init(from:))
    }
}

extension Connection {
    var notes: Notes { Notes(db: self) }
}

/// Thrown by bodies that are to be rolled back.
struct Refusal: Error, Equatable {}

let now = Date(timeIntervalSince1970: 1_700_000_000)

extension DatabaseError {
    var isUnavailable: Bool {
        if case .unavailable = self { true } else { false }
    }

    /// The text of `failed`.
    var failure: String? {
        if case .failed(let reason) = self { reason } else { nil }
    }
}

/// Waits for a body that runs elsewhere, without holding up a thread of the cooperative pool.
func wait(for semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "waiting").async {
            _ = semaphore.wait(timeout: .now() + 20)
            continuation.resume()
        }
    }
}

/// Holds up a transaction body, which cannot be suspended.
func usleepMilliseconds(_ count: UInt32) { usleep(count * 1_000) }
