package import FoundationEssentials
package import Gateways
import Identity
package import Logging
package import Storage

/// Sends an e-mail and writes to the ledger what became of it.
package struct MailPost: Sendable {
    /// Makes the gateway that settings name; nil where they name none.
    package typealias GatewayMaker = @Sendable (MailSettings) -> (any MailGateway)?

    private let gateway: GatewayMaker
    private let database: any Database
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Holds the ledger.
    ///   - now: The clock; whole seconds.
    package init(
        database: any Database, logger: Logger, now: @escaping @Sendable () -> Date, gateway: @escaping GatewayMaker
    ) {
        self.gateway = gateway
        self.database = database
        self.logger = logger
        self.now = now
    }

    /// Sends one message; of a decoy, only the ledger hears.
    /// - Returns: What became of it.
    package func deliver(_ delivery: MailDelivery) async -> SMSSends.Settlement {
        var settlement: SMSSends.Settlement?
        if let message = delivery.message { settlement = await sent(message, delivery.settings) }
        do {
            let now = now()
            return try await database.write { [settlement] db in
                let final = try settlement ?? db.decoySettlement(in: delivery.tenantID, now: now)
                try db.mailSends.settle(delivery.id, final, now: now)
                return final
            }
        } catch {
            logger.error("mail ledger not written", metadata: ["error": .string("\(type(of: error))")])
            return settlement ?? SMSSends.Settlement(.accepted)
        }
    }

    private func sent(_ message: MailMessage, _ settings: MailSettings) async -> SMSSends.Settlement {
        guard let gateway = gateway(settings) else { return SMSSends.Settlement(.failed, failure: "no gateway") }
        do {
            let receipt = try await gateway.send(message)
            return SMSSends.Settlement(.accepted, gateway: receipt.gateway, reference: receipt.reference)
        } catch {
            let settlement = (error as? MailError).map { SMSSends.Settlement($0) } ?? .init(.failed, failure: "fault")
            logger.error(
                "e-mail not sent",
                metadata: [
                    "purpose": .string(message.purpose),
                    "error": .string(settlement.failure ?? "\(type(of: error))"),
                ])
            return settlement
        }
    }
}

extension Connection {
    /// A decoy shares the fate of the messages around it, or what was counted for an address would tell whose it is.
    fileprivate func decoySettlement(in tenantID: String, now: Date) throws -> SMSSends.Settlement {
        let isFailing = try mailSends.isFailing(in: tenantID, after: now - TimeInterval(SMSOutage.span))
        return SMSSends.Settlement(isFailing ? .failed : .accepted)
    }
}

extension SMSSends.Settlement {
    /// What an error of a gateway says for the ledger: closed words and the server's reply code.
    fileprivate init(_ error: MailError) {
        switch error {
        case .rejected(let code): self.init(.rejected, failure: "rejected: \(code)")
        case .misconfigured(let reason): self.init(.failed, failure: "misconfigured: \(reason)")
        case .unavailable(let reason): self.init(.failed, failure: "unavailable: \(reason)")
        case .notWritten: self.init(.failed, failure: "not written")
        }
    }
}
