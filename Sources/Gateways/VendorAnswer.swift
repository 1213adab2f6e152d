import Wire

/// What may be kept of the texts that a vendor answers with.
///
/// A code reaches logs and a reference reaches the ledger. Neither may become a way for the vendor, or whoever stands
/// in for it, to write free text there, or to write back the phone number or the code that we sent.
enum VendorWord {
    /// A vendor's error code: 1–64 letters, digits and `-_.:`, beginning with a letter.
    /// - Returns: nil when it is not, or shows something of the message.
    static func code(_ text: String, about message: SMSMessage) -> String? {
        let isWord = text.first?.isLetter == true && isMade(text, with: "-_.:", atMost: 64)
        return isWord && !message.isShown(in: text) ? text : nil
    }

    /// What a vendor calls a message: as ``SMSReceipt/reference`` says.
    /// - Returns: nil when it is not, or shows something of the message.
    static func reference(_ text: String?, of message: SMSMessage) -> String? {
        guard let text, !text.isEmpty, isMade(text, with: "-_.:^", atMost: 128) else { return nil }
        return message.isShown(in: text) ? nil : text
    }

    private static func isMade(_ text: String, with signs: String, atMost count: Int) -> Bool {
        text.utf8.count <= count
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || signs.contains($0)) }
    }
}

extension SMSMessage {
    /// Whether a phone is one of the Chinese mainland, where vendors have rules and templates of their own.
    /// - Parameter phone: E.164.
    static func isMainland(_ phone: String) -> Bool { phone.hasPrefix("+86") }

    /// Whether a text has the end of the phone number in it, the code, or a value of four characters or more.
    fileprivate func isShown(in text: String) -> Bool {
        let secrets = [String(to.suffix(8)), code ?? ""] + parameters.map(\.value)
        return secrets.contains { $0.count >= 4 && text.contains($0) }
    }
}

extension OutboundHTTP {
    /// Sends a vendor's request.
    /// - Throws: ``SMSError/unavailable(reason:)`` when there is no answer, ``SMSError/misconfigured(code:)`` when the
    ///   address is one that we do not call, `CancellationError`.
    func answer(to request: OutboundRequest) async throws -> OutboundResponse {
        do { return try await send(request) } catch let error as OutboundError {
            switch error {
            case .invalidURL, .insecure, .forbiddenAddress: throw SMSError.misconfigured(code: "\(error)")
            default: throw SMSError.unavailable(reason: "\(error)")
            }
        }
    }
}

extension OutboundResponse {
    /// The body, when it is JSON; no vendor nests deeper.
    var json: JSON? {
        // An answer that is no JSON is judged by its status.
        try? JSON.parse(body, maximumDepth: 8)
    }
}

extension SMSError {
    /// What a status means that no readable answer explains.
    ///
    /// Whoever answers with a page, or redirects, is not the vendor's interface: the endpoint is wrong.
    static func status(_ status: Int) -> SMSError {
        status == 429 || status >= 500 ? .unavailable(reason: "HTTP \(status)") : .misconfigured(code: "HTTP \(status)")
    }
}
