import Cryptography
import Directory
package import FoundationEssentials
import Logging
import ServiceLifecycle
import Storage

/// Checks claimed domains when they are due, on one node at a time.
package struct DomainChecks: Service {
    private let environment: ServerEnvironment
    private let verification: DomainVerification
    /// Names this node among those that share the store.
    private let holder: String

    /// Checked at once; each waits for other people's servers.
    private static let parallelism = 4
    /// In one round, so that a thousand new domains do not keep the lease for hours.
    private static let batches = 10

    package init(_ environment: ServerEnvironment) {
        self.environment = environment
        verification = DomainVerification(database: environment.database, probe: environment.domainProbe)
        var random = SecureRandom()
        holder = Identifier.make(using: &random)
    }

    /// Looks at every interval until graceful shutdown; a round that fails is tried again at the next.
    package func run() async throws {
        guard let interval = environment.settings.domainCheckInterval else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await round(every: interval) } catch { tell(error) }
                // Cancellation is how this loop ends.
                try? await Task.sleep(for: .seconds(interval))
            }
        }
    }

    /// Checks what is due, unless another node is at it; what is too much is left for the next round.
    /// - Parameter interval: Seconds until the next; the lease outlives it.
    package func round(every interval: TimeInterval) async throws {
        for _ in 0..<Self.batches where !Task.isCancelled {
            let due = try await batch(lease: interval * 2 + 60)
            guard !due.isEmpty else { return }
            await withTaskGroup(of: Void.self) { group in
                for domain in due { group.addTask { await check(domain) } }
            }
        }
    }

    /// The next domains. The lease is not asked for while there are none: most rounds write nothing.
    private func batch(lease: TimeInterval) async throws -> [ClaimedDomain] {
        let (now, holder) = (environment.now(), holder)
        let due = try await environment.database.read { try $0.domains.due(limit: Self.parallelism, now: now) }
        guard !due.isEmpty else { return [] }
        return try await environment.database.write { db in
            guard try db.leases.take("domain-checks", holder: holder, lifetime: lease, now: now) else { return [] }
            return try db.domains.due(limit: Self.parallelism, now: now)
        }
    }

    /// One domain; what fails stays due.
    private func check(_ domain: ClaimedDomain) async {
        do {
            let result = try await verification.check(
                domain, by: Administrator(actor: .system), now: environment.now())
            guard let result, result.event != nil else { return }
            tell(result)
            try await tellAdministrators(result)
        } catch is CancellationError {
            // The server stops; another node or the next start goes on.
        } catch { tell(error) }
    }

    /// By SMS and e-mail, since nobody may be looking at the console. A queue that is full loses it; the console tells it too.
    private func tellAdministrators(_ result: DomainVerification.Result) async throws {
        guard let news = DomainNews(result) else { return }
        let environment = environment
        let (notices, mails) = try await environment.database.write { db in
            // By SMS first: both lock rows, in one order.
            (try db.notices(of: news, environment), try db.mails(of: news, environment))
        }
        for notice in notices { _ = environment.sms.enqueue(notice) }
        for mail in mails { _ = environment.mail.enqueue(mail) }
    }

    private func tell(_ result: DomainVerification.Result) {
        let domain = result.domain
        environment.logger.notice(
            domain.failure == nil ? "a domain is verified" : "a domain's proof was not found",
            metadata: [
                "tenant": .string(result.tenant), "domain": .string(domain.name.text),
                "event": .string(result.event.map { Event.tenant(.domain($0)).name } ?? ""),
                "reason": .string(domain.failure?.rawValue ?? "none"),
            ])
    }

    private func tell(_ error: any Error) {
        environment.logger.error(
            "domains could not be checked", metadata: ["error": .string(ErrorAnswer.faultText(of: error))])
    }
}

extension DomainChecks: CustomStringConvertible {
    /// What the service group logs by; it would print everything in here otherwise.
    package var description: String { "domain checks" }
}
