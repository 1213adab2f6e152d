/// The way to a person's phone: one vendor, one of the two stand-ins for machines without a vendor, or several of them
/// in order.
///
/// A gateway sends; it does not count, limit or remember. Whether a message may be sent was decided before, and that
/// it was is recorded by the caller.
package protocol SMSGateway: Sendable {
    /// What settings, receipts and logs call this gateway: one short word, such as `huawei`.
    var name: String { get }

    /// Hands one message over.
    ///
    /// - Returns: When the vendor has accepted the message. That is not yet delivery.
    /// - Throws: ``SMSError``, `CancellationError` when the task was cancelled, and nothing else that could carry the
    ///   phone number or the text.
    @discardableResult func send(_ message: SMSMessage) async throws -> SMSReceipt
}

/// What is known of a message that was accepted; for the delivery ledger.
package struct SMSReceipt: Equatable, Sendable {
    /// The gateway that took it, by the name that settings use: `huawei`.
    package var gateway: String
    /// What the vendor calls the message, for questions to the vendor; nil when it does not say. ASCII letters, digits
    /// and `-_.:^`, at most 128.
    package var reference: String?

    package init(gateway: String, reference: String? = nil) {
        self.gateway = gateway
        self.reference = reference
    }
}

/// Why a message was not accepted. It carries no phone number, no text and no words of the vendor, so it may be logged.
package enum SMSError: Error, Equatable, Sendable {
    /// No template is configured for this purpose. Carries the purpose.
    case noTemplate(purpose: String)
    /// The vendor does not accept our credentials, account, sender, signature or template: a person must change
    /// something. Carries the vendor's code, or what is wrong.
    case misconfigured(code: String)
    /// The vendor does not send to this receiver, or not so often. Carries the vendor's code.
    case rejected(code: String)
    /// The vendor did not answer, or answered that it cannot now: the same message may be accepted later. Carries the
    /// vendor's code, or what happened.
    case unavailable(reason: String)
    /// The file or the terminal could not be written.
    case notWritten
}
