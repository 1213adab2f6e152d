package import Cryptography
package import FoundationEssentials
import HTTPTypes
import NIOPosix
import Storage
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
    /// How long hashes took that are not like those for new passwords: the quickest of each cost.
    private let others = Mutex<[String: Duration]>([:])
    private let fullVerificationCount = Atomic(0)

    /// Seconds after which somebody for whom there was no room is to come back; a full queue is through in about one.
    package static let retry = 1...4

    /// How many verifications computed a hash with the parameters for new ones, be it a person's or the decoy: one for
    /// each attempt, whoever it is about.
    package var fullVerifications: Int { fullVerificationCount.load(ordering: .relaxed) }

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
            // Not the same for all: a crowd that is sent away together would come back together.
            throw RequestRefusal(
                .serviceUnavailable, "too many sign-ins at once", retryAfter: Int.random(in: Self.retry))
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

    /// What verifying a password found out.
    package struct Verification: Sendable {
        /// Always false without a stored hash.
        package let isRight: Bool
        /// When its turn in the queue came.
        package let start: ContinuousClock.Instant
    }

    /// Verifies a password against a stored hash, or against the decoy when there is none; inside ``admitted(_:_:)``.
    ///
    /// A hash from elsewhere, or with other parameters, costs something else than a new one. The decoy is verified with
    /// it, so that it is never quicker; and how long it took is remembered for ``hold(since:)``, so that its slowness
    /// shows in no refusal.
    package func verify(_ password: [UInt8], against stored: String?) async throws -> Verification {
        let other = stored.flatMap { isOutdated($0) ? $0 : nil }
        let (found, took) = try await threads.runIfActive { [self] in
            let start = ContinuousClock.now
            let isOther = other.map { StoredPassword.verify(password: password, against: $0) }
            let isOurs = verifyFully(password, against: other == nil ? stored ?? decoy : decoy)
            let isRight = stored != nil && isOther ?? isOurs
            // Without the time in the queue, which is everybody's.
            return (Verification(isRight: isRight, start: start), start.duration(to: .now))
        }
        if let cost = other.flatMap(StoredPassword.cost) {
            // SHA-crypt takes longer for longer passwords.
            let key = "\(cost) \(password.count / 64)"
            others.withLock { $0[key] = min($0[key] ?? took, took) }
        }
        return found
    }

    private func verifyFully(_ password: [UInt8], against hash: String) -> Bool {
        fullVerificationCount.add(1, ordering: .relaxed)
        return StoredPassword.verify(password: password, against: hash)
    }

    /// Learns how slow hashes from elsewhere are before the first person with one comes.
    /// - Parameter samples: Stored hashes; of each cost, the first is tried.
    package func learn(from samples: [String]) async throws {
        for sample in samples {
            guard let cost = StoredPassword.cost(of: sample), isOutdated(sample) else { continue }
            guard others.withLock({ $0["\(cost) 0"] == nil }) else { continue }
            _ = try await verify([0x20], against: sample)
        }
    }

    /// How long a refusal lasts at least: half as long again as one against the slowest hash that is not like ours
    /// usually takes, so that what it takes at times makes no difference. Nothing without such hashes.
    package var floor: Duration {
        others.withLock { ($0.values.max() ?? .zero) * 3 / 2 }
    }

    /// Waits until a refusal whose verification began at `start` has lasted as long as ``floor``. Nothing is computed
    /// meanwhile, and no place in the queue is taken: call it outside ``admitted(_:_:)``.
    package func hold(since start: ContinuousClock.Instant) async throws {
        let end = start + floor
        if end > .now { try await Task.sleep(until: end, clock: .continuous) }
    }

    /// Whether any of these hashes is of this password; inside ``admitted(_:_:)``.
    package func matches(_ password: [UInt8], anyOf hashes: [String]) async throws -> Bool {
        try await threads.runIfActive { hashes.contains { StoredPassword.verify(password: password, against: $0) } }
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

extension ServerEnvironment {
    /// Learns how slow the stored hashes are that are not like new ones: at the start all of them, later those that an
    /// import brought.
    /// - Parameter start: Only passwords set at this time or later are looked at.
    package func learnHashes(setSince start: Date) async throws {
        var samples: [String: String] = [:]
        var last = ""
        while true {
            let (prefix, after) = (passwords.parameters.prefix, last)
            let page = try await database.read { db in
                try db.credentials.hashes(unlike: prefix, setSince: start, after: after, limit: Self.page)
            }
            for stored in page {
                if let cost = StoredPassword.cost(of: stored.hash), samples[cost] == nil { samples[cost] = stored.hash }
            }
            guard page.count == Self.page, let end = page.last else { break }
            last = end.userID
        }
        try await passwords.learn(from: Array(samples.values))
    }

    /// Rows read at once.
    private static let page = 1_000
}
