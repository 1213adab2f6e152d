package import Cryptography
import HTTPTypes
import NIOPosix
import Synchronization

/// Argon2id on its own threads: one a processor, with a bounded queue, never on the cooperative pool.
///
/// A hash takes some 20 ms of one processor; without a bound a burst of sign-ins would let every request behind it time
/// out instead of telling some of them to come back. Nobody takes more than a share of the queue, so that one address
/// cannot keep all others out.
package final class PasswordHashing: Sendable {
    private struct Queue {
        var all = 0
        var byAddress: [String: Int] = [:]
    }

    private let threads: NIOThreadPool
    private let queue = Mutex(Queue())
    private let capacity: Int
    /// The parameters for new hashes.
    package let parameters: Argon2id.Parameters
    /// Verified in place of a missing hash, so that an unknown account costs what a known one costs (peers' class 19).
    private let decoy: String

    /// Starts the threads.
    /// - Parameters:
    ///   - threads: How many hashes run at once; one a processor.
    ///   - capacity: How many callers may hash or wait; above it, they are refused.
    package init(parameters: Argon2id.Parameters, threads: Int, capacity: Int) throws {
        self.parameters = parameters
        self.capacity = capacity
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.threads.start()
        var random = SecureRandom()
        decoy = try Argon2id.decoy(parameters, using: &random)
    }

    /// Runs a step that hashes, if there is room for it.
    ///
    /// The place is taken before the step counts or writes anything: somebody who is told to come back must not have
    /// used up one of their tries.
    /// - Parameter address: What per-address limits count by; nil for one that they do not count.
    /// - Throws: 503 with `Retry-After` when there is no room; what `step` throws.
    package func admitted<T: Sendable>(_ address: String?, _ step: () async throws -> T) async throws -> T {
        guard enter(address) else {
            throw RequestRefusal(.serviceUnavailable, "too many sign-ins at once", retryAfter: 1)
        }
        defer { leave(address) }
        return try await step()
    }

    /// Hashes a new password with a fresh salt; inside ``admitted(_:_:)``.
    /// - Returns: The PHC string to store.
    package func hash(_ password: [UInt8]) async throws -> String {
        let parameters = parameters
        return try await threads.runIfActive {
            var random = SecureRandom()
            return try Argon2id.hash(password: password, salt: random.bytes(16), parameters: parameters)
        }
    }

    /// Verifies a password against a stored hash, or against the decoy when there is none; inside ``admitted(_:_:)``.
    /// - Returns: Whether it matches; always false without a stored hash.
    package func verify(_ password: [UInt8], against stored: String?) async throws -> Bool {
        let hash = stored ?? decoy
        let matches = try await threads.runIfActive { Argon2id.verify(password: password, phc: hash) }
        return matches && stored != nil
    }

    /// Whether any of these hashes is of this password; inside ``admitted(_:_:)``.
    package func matches(_ password: [UInt8], anyOf hashes: [String]) async throws -> Bool {
        try await threads.runIfActive { hashes.contains { Argon2id.verify(password: password, phc: $0) } }
    }

    /// Whether a verified hash was made with other parameters than those for new ones.
    package func isOutdated(_ stored: String) -> Bool {
        Argon2id.parameters(of: stored) != parameters
    }

    /// A quarter of the queue is as much as one address may hold.
    private func enter(_ address: String?) -> Bool {
        queue.withLock { queue in
            guard queue.all < capacity else { return false }
            if let address {
                guard queue.byAddress[address, default: 0] < max(1, capacity / 4) else { return false }
                queue.byAddress[address, default: 0] += 1
            }
            queue.all += 1
            return true
        }
    }

    private func leave(_ address: String?) {
        queue.withLock { queue in
            queue.all -= 1
            guard let address, let held = queue.byAddress[address] else { return }
            queue.byAddress[address] = held > 1 ? held - 1 : nil
        }
    }
}

extension ServerEnvironment {
    /// What per-address limits count a call by; nil for a network that they do not count.
    func limitKey(of call: Call) -> String? {
        settings.exemptNetworks.contains { $0.contains(call.client) } ? nil : call.client.limitKey
    }
}
