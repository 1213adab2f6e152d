/// The way to a mailbox: an enterprise's mail server, or one of the stand-ins for machines without one.
///
/// A gateway sends; it does not count, limit or remember.
package protocol MailGateway: Sendable {
    /// What settings, receipts and logs call this gateway: one short word, such as `smtp`.
    var name: String { get }

    /// Hands one message over.
    ///
    /// - Returns: When the server has taken the message. That is not yet delivery.
    /// - Throws: ``MailError``, and nothing else that could carry the address or the text.
    @discardableResult func send(_ message: MailMessage) async throws -> MailReceipt
}

/// What is known of a message that was taken; for the ledger.
package struct MailReceipt: Equatable, Sendable {
    /// The gateway that took it.
    package var gateway: String
    /// The `Message-ID` without its brackets, for questions to the server's keeper; nil where there is none.
    package var reference: String?

    package init(gateway: String, reference: String? = nil) {
        self.gateway = gateway
        self.reference = reference
    }
}

/// Why a message was not taken. It carries no address, no text and no words of the server, so it may be logged.
package enum MailError: Error, Equatable, Sendable {
    /// The server does not accept our login, our certificates do not accept the server's, or it offers no encryption: a
    /// person must change something.
    case misconfigured(reason: String)
    /// The server does not take a message to this mailbox. Carries its reply code (RFC 5321 §4.2), such as `550`.
    case rejected(code: Int)
    /// The server could not be reached, or cannot now. Carries its reply code, or what happened.
    case unavailable(reason: String)
    /// The file or the terminal could not be written.
    case notWritten
}
