package import Storage
import Synchronization

/// A database that counts the transactions of what it watches, and lets something happen right before one of them: what could come in
/// between on another thread or node comes in between here.
package final class WatchedDatabase: Database {
    /// Transactions.
    package struct Count: Equatable, Sendable {
        package var reads = 0
        package var writes = 0
    }

    /// What happens beside; it uses the database inside, so it is not counted.
    package typealias Interruption = @Sendable (any Database) async throws -> Void

    private struct State {
        var count = Count()
        /// Transactions until the interruption; nil without one.
        var left: Int?
        var interruption: Interruption?
    }

    /// Set in the task that is watched: what services do in the background comes in between at any time.
    @TaskLocal private static var isWatching = false

    private let inner: any Database
    private let state = Mutex(State())

    package init(_ inner: any Database) {
        self.inner = inner
    }

    /// Counts the transactions of `body`.
    package func count(_ body: () async throws -> Void) async throws -> Count {
        state.withLock { $0.count = Count() }
        try await Self.$isWatching.withValue(true) { try await body() }
        return state.withLock { $0.count }
    }

    /// Lets something happen once during `body`.
    /// - Parameter number: Before which of its transactions, from 0.
    /// - Returns: What `body` does; nil when it had not so many transactions.
    package func interrupting<T: Sendable>(
        before number: Int, _ interruption: @escaping Interruption, during body: () async throws -> T
    ) async throws -> T? {
        state.withLock { state in
            state.left = number
            state.interruption = interruption
        }
        let value = try await Self.$isWatching.withValue(true) { try await body() }
        return state.withLock { state in
            defer { state.left = nil }
            return state.left == nil ? value : nil
        }
    }

    package func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await pass { $0.writes += 1 }
        return try await inner.write(body)
    }

    package func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await pass { $0.reads += 1 }
        return try await inner.read(body)
    }

    package func close() async { await inner.close() }

    private func pass(_ counting: (inout Count) -> Void) async throws {
        guard Self.isWatching else { return }
        let due = state.withLock { state -> Interruption? in
            counting(&state.count)
            guard let left = state.left else { return nil }
            state.left = left == 0 ? nil : left - 1
            return left == 0 ? state.interruption : nil
        }
        try await due?(inner)
    }
}
