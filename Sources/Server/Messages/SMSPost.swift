package import Directory
package import FoundationEssentials
package import Gateways
package import Identity
package import Logging
package import Storage

/// One message under way, or a decoy that goes the same way without a message.
package struct SMSDelivery: Sendable, Concealed {
    /// The id of its row in the ledger.
    package let id: String
    package let tenantID: String
    package let purpose: SMSPurpose
    /// Who sends it.
    package let settings: SMSSettings
    /// nil for a decoy.
    package let message: SMSMessage?
    /// A mark of the tenant's quota that this message passes; for the log.
    package let quotaMark: SMSQuotaMark?

    package init(
        id: String, tenantID: String, purpose: SMSPurpose, settings: SMSSettings, message: SMSMessage?,
        quotaMark: SMSQuotaMark? = nil
    ) {
        self.id = id
        self.tenantID = tenantID
        self.purpose = purpose
        self.settings = settings
        self.message = message
        self.quotaMark = quotaMark
    }
}

/// Sends a message and writes to the ledger what became of it.
package struct SMSPost: Sendable {
    /// Makes the gateway that settings name; gateways are cheap values over one HTTP client.
    package typealias GatewayMaker = @Sendable (SMSSettings) throws -> any SMSGateway

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
    package func deliver(_ delivery: SMSDelivery) async -> SMSSends.Settlement {
        var settlement: SMSSends.Settlement?
        if let mark = delivery.quotaMark {
            logger.notice(
                "SMS quota", metadata: ["tenant_id": .string(delivery.tenantID), "mark": .string(mark.rawValue)])
        }
        if let message = delivery.message { settlement = await sent(message, delivery.settings) }
        do {
            let now = now()
            return try await database.write { [settlement] db in
                let final = try settlement ?? db.decoySettlement(delivery.purpose, in: delivery.tenantID, now: now)
                try db.smsSends.settle(delivery.id, final, now: now)
                return final
            }
        } catch {
            logger.error("SMS ledger not written", metadata: ["error": .string("\(type(of: error))")])
            return settlement ?? SMSSends.Settlement(.accepted)
        }
    }

    private func sent(_ message: SMSMessage, _ settings: SMSSettings) async -> SMSSends.Settlement {
        do {
            let receipt = try await gateway(settings).send(message)
            return SMSSends.Settlement(.accepted, gateway: receipt.gateway, reference: receipt.reference)
        } catch {
            let settlement = (error as? SMSError).map { SMSSends.Settlement($0) } ?? .init(.failed, failure: "fault")
            logger.error(
                "SMS not sent",
                metadata: [
                    "purpose": .string(message.purpose),
                    "error": .string(settlement.failure ?? "\(type(of: error))"),
                ])
            return settlement
        }
    }
}

extension Connection {
    /// A decoy shares the fate of the messages around it, or what was counted for a phone would tell whose it is.
    fileprivate func decoySettlement(
        _ purpose: SMSPurpose, in tenantID: String, now: Date
    ) throws -> SMSSends.Settlement {
        let isFailing = try smsSends.isFailing(purpose, in: tenantID, after: now - TimeInterval(SMSOutage.span))
        return SMSSends.Settlement(isFailing ? .failed : .accepted)
    }
}

extension SMSSends.Settlement {
    /// What an error of a gateway says for the ledger: closed words and the vendor's code.
    fileprivate init(_ error: SMSError) {
        switch error {
        case .rejected(let code): self.init(.rejected, failure: "rejected: \(code)")
        case .misconfigured(let code): self.init(.failed, failure: "misconfigured: \(code)")
        case .unavailable(let reason): self.init(.failed, failure: "unavailable: \(reason)")
        case .noTemplate: self.init(.failed, failure: "no template")
        case .notWritten: self.init(.failed, failure: "not written")
        }
    }
}
