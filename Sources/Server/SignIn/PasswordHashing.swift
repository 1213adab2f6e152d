package import Cryptography
import HTTPTypes
import NIOPosix
import Synchronization

/// Argon2id on its own threads: one a processor, with a bounded queue, never on the cooperative pool.
///
/// A hash takes some 20 ms of one processor; without a bound a burst of sign-ins would let every request behind it
/// time out instead of telling some of them to come back.
package final class PasswordHashing: Sendable {
    private let threads: NIOThreadPool
    private let waiting = Atomic<Int>(0)
    private let capacity: Int
    /// The parameters for new hashes.
    package let parameters: Argon2id.Parameters
    /// Verified in place of a missing hash, so that an unknown account costs what a known one costs (peers' class 19).
    private let decoy: String

    /// Starts the threads.
    /// - Parameters:
    ///   - threads: How many hashes run at once; one a processor.
    ///   - capacity: How many may wait or run; above it, callers are refused.
    package init(parameters: Argon2id.Parameters, threads: Int, capacity: Int) throws {
        self.parameters = parameters
        self.capacity = capacity
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.threads.start()
        var random = SecureRandom()
        decoy = try Argon2id.hash(
            password: random.bytes(24), salt: random.bytes(16), parameters: parameters)
    }

    /// Hashes a new password with a fresh salt.
    /// - Returns: The PHC string to store.
    package func hash(_ password: [UInt8]) async throws -> String {
        let parameters = parameters
        return try await run {
            var random = SecureRandom()
            return try Argon2id.hash(password: password, salt: random.bytes(16), parameters: parameters)
        }
    }

    /// Verifies a password against a stored hash, or against the decoy when there is none.
    /// - Returns: Whether it matches; always false without a stored hash.
    package func verify(_ password: [UInt8], against stored: String?) async throws -> Bool {
        let hash = stored ?? decoy
        let matches = try await run { Argon2id.verify(password: password, phc: hash) }
        return matches && stored != nil
    }

    /// Whether any of these hashes is of this password.
    package func matches(_ password: [UInt8], anyOf hashes: [String]) async throws -> Bool {
        try await run { hashes.contains { Argon2id.verify(password: password, phc: $0) } }
    }

    /// Whether a verified hash was made with other parameters than those for new ones.
    package func isOutdated(_ stored: String) -> Bool {
        Argon2id.parameters(of: stored) != parameters
    }

    private func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let position = waiting.add(1, ordering: .relaxed).newValue
        defer { waiting.subtract(1, ordering: .relaxed) }
        guard position <= capacity else {
            throw RequestRefusal(.serviceUnavailable, "too many sign-ins at once", retryAfter: 1)
        }
        return try await threads.runIfActive(work)
    }
}
