package import Storage
import Synchronization

/// A database that remembers the text of every statement, so that a test can compare the work of two requests.
package final class CountingDatabase: Database {
    /// Set in the task that is watched: what services do in the background comes in between at any time.
    @TaskLocal private static var isCounting = false

    private let base: any Database
    private let texts = Mutex<[String]>([])

    package init(_ base: any Database) { self.base = base }

    /// The statements of `body`, each transaction between its mark and the next: `write` or `read`.
    package func statements(of body: () async throws -> Void) async throws -> [String] {
        texts.withLock { $0 = [] }
        try await Self.$isCounting.withValue(true) { try await body() }
        return texts.withLock(\.self)
    }

    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        // Inside, it is another thread's turn.
        guard Self.isCounting else { return try await base.write(body) }
        return try await base.write { [self] db in
            note("write")
            return try body(Counted(base: db, database: self))
        }
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        guard Self.isCounting else { return try await base.read(body) }
        return try await base.read { [self] db in
            note("read")
            return try body(Counted(base: db, database: self))
        }
    }

    package func close() async { await base.close() }

    private func note(_ text: String) { texts.withLock { $0.append(text) } }

    private struct Counted: Connection {
        let base: any Connection
        let database: CountingDatabase

        func execute(_ sql: SQL) throws -> [SQLRow] {
            database.note(sql.text)
            return try base.execute(sql)
        }

        func define(_ statement: StaticString) throws { try base.define(statement) }
    }
}
