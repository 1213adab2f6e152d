import Cryptography
import Directory
import FoundationEssentials
import Identity
import Logging
import ServiceLifecycle
import Storage

/// Clears what has expired, on one node at a time.
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

    private func sweep(every interval: TimeInterval) async throws {
        let environment = environment
        let holder = holder
        let now = environment.now()
        try await environment.database.write { db in
            guard try db.leases.take("expiry-sweep", holder: holder, lifetime: interval * 2, now: now) else { return }
            let policies = try db.tenants.all().map { try environment.settings.policy.overridden(by: $0.settings) }
            let kept = policies.map(\.identity.signInLogRetention)
            try db.expiry.sweep(
                signInLogKeptFor: Self.longest(kept), sessionsBefore: Self.horizon(policies).map { now - $0 }, now: now)
        }
    }

    /// The longest of several spans; nil when one of them has no end, or there is none.
    private static func longest(_ spans: [TimeInterval?]) -> TimeInterval? {
        guard !spans.contains(nil) else { return nil }
        return spans.compactMap(\.self).max()
    }

    /// The age at which every session of every tenant is over.
    private static func horizon(_ policies: [TenantPolicy]) -> TimeInterval? {
        longest(policies.flatMap { [$0.identity.session.lifetime, $0.identity.session.rememberedLifetime] })
    }
}
