/// Several gateways in order: the next one sends what the one before cannot.
///
/// A message that ran into a time limit may have been taken all the same, so that the person gets it twice. That is
/// better than not at all, and both carry the same code.
package struct FailOverSMSGateway: SMSGateway {
    private let gateways: [any SMSGateway]
    private let onFailure: @Sendable (_ gateway: String, SMSError) -> Void

    /// The names in order: `huawei,tencent`.
    package var name: String { gateways.map(\.name).joined(separator: ",") }

    /// - Parameters:
    ///   - first: Tried with every message.
    ///   - others: Tried in order, each when none before could.
    ///   - onFailure: Told of each gateway that did not take a message, also when another one then did; for the log.
    package init(
        _ first: any SMSGateway, then others: [any SMSGateway],
        onFailure: @escaping @Sendable (_ gateway: String, SMSError) -> Void
    ) {
        gateways = [first] + others
        self.onFailure = onFailure
    }

    /// - Throws: ``SMSError/rejected(code:)`` of the gateway that says that the receiver is the reason, as another
    ///   vendor would have to evade that; otherwise, when all failed, what the first one said.
    package func send(_ message: SMSMessage) async throws -> SMSReceipt {
        var first: SMSError?
        for gateway in gateways {
            do { return try await gateway.send(message) } catch let error as SMSError {
                // Whoever gave up waiting has no use for another attempt, nor does the log for this one.
                try Task.checkCancellation()
                onFailure(gateway.name, error)
                if case .rejected = error { throw error }
                first = first ?? error
            }
        }
        throw first ?? SMSError.unavailable(reason: "no gateway")
    }
}
