/// The way to a person's phone: one vendor, or one of the two stand-ins for machines without a vendor.
///
/// A gateway sends; it does not count, limit or remember. Whether a message may be sent was decided before, and that
/// it was is recorded by the caller.
package protocol SMSGateway: Sendable {
    /// Hands one message over.
    ///
    /// - Returns: When the vendor has accepted the message. That is not yet delivery.
    /// - Throws: ``SMSError``, and nothing else that could carry the phone number or the text.
    func send(_ message: SMSMessage) async throws
}

/// Why a message was not accepted. It carries no phone number, no text and no words of the vendor, so it may be logged.
package enum SMSError: Error, Equatable, Sendable {
    /// No template is configured for this purpose. Carries the purpose.
    case noTemplate(purpose: String)
    /// The vendor does not accept our credentials, sender, signature or template: a person must change the
    /// configuration. Carries the vendor's code.
    case misconfigured(code: String)
    /// The vendor does not send to this receiver. Carries the vendor's code.
    case rejected(code: String)
    /// The vendor did not answer, or answered that it cannot now: the same message may be accepted later. Carries the
    /// vendor's code, or what happened.
    case unavailable(reason: String)
    /// The file or the terminal could not be written.
    case notWritten
}
