import Cryptography
import Directory
package import FoundationEssentials
import Identity
import Logging
import ServiceLifecycle
import Storage

/// Clears what has expired, on one node at a time, and learns on each what imported password hashes cost.
package struct ExpirySweep: Service {
    private let environment: ServerEnvironment
    /// Names this node among those that share the store.
    private let holder: String

    package init(_ environment: ServerEnvironment) {
        self.environment = environment
        var random = SecureRandom()
        holder = Identifier.make(using: &random)
    }

    /// Sweeps at every interval until graceful shutdown; a sweep that fails is tried again at the next.
    package func run() async throws {
        guard let interval = environment.settings.sweepInterval else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    // On every node, unlike the sweep: what was imported while it runs.
                    try await environment.learnHashes(setSince: environment.now() - interval * 2)
                    try await sweep(every: interval)
                } catch {
                    environment.logger.error(
                        "sweep failed", metadata: ["error": .string(ErrorAnswer.faultText(of: error))])
                }
                // Cancellation is how this loop ends.
                try? await Task.sleep(for: .seconds(interval))
            }
        }
    }

    /// One sweep, unless another node is at it.
    /// - Parameter interval: Seconds until the next; the lease outlives it.
    package func sweep(every interval: TimeInterval) async throws {
        let environment = environment
        let holder = holder
        let tenants = try await environment.database.read { db in
            // A tenant whose settings do not hold any more keeps everything, and no other tenant's rows from being swept.
            try db.tenants.all().map {
                ($0.id, try? environment.settings.policy.of($0, environment.keys.sealing))
            }
        }
        let logs = tenants.compactMap { id, policy in policy?.identity.signInLogRetention.map { (id, $0) } }
        let retention = Expiry.Retention(
            signInLogs: Dictionary(logs) { first, _ in first }, sessionLifetime: Self.horizon(tenants.map(\.1)))
        // Every batch prolongs the lease, so a long sweep stays with one node.
        try await environment.database.sweep(keeping: retention, now: environment.now()) { db in
            try db.leases.take("expiry-sweep", holder: holder, lifetime: interval * 2, now: environment.now())
        }
    }

    /// The longest of several spans; nil when one of them has no end, or there is none.
    private static func longest(_ spans: [TimeInterval?]) -> TimeInterval? {
        guard !spans.contains(nil) else { return nil }
        return spans.compactMap(\.self).max()
    }

    /// The age at which every session of every tenant is over.
    private static func horizon(_ policies: [TenantPolicy?]) -> TimeInterval? {
        longest(policies.flatMap { [$0?.identity.session.lifetime, $0?.identity.session.rememberedLifetime] })
    }
}

extension ExpirySweep: CustomStringConvertible {
    /// What the service group logs by; it would print everything in here otherwise.
    package var description: String { "expiry sweep" }
}
