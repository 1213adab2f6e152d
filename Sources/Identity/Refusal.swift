package import Directory

extension Throttle.Reservation {
    /// What the log tells of an attempt that was reserved and turned out wrong: the failure, and the freeze that it caused.
    /// - Parameter userID: nil when what was typed belongs to nobody.
    package func refusal(of userID: String?, by method: Factor, _ reason: SignInFailure) -> [SignInEvent] {
        var events = [SignInEvent.failed(userID: userID, method: method, reason: reason)]
        if let userID, let freeze = freeze(of: userID) { events.append(freeze) }
        return events
    }

    /// What else there is to tell when the attempt was one too many.
    package func freeze(of userID: String) -> SignInEvent? {
        guard case .allowed(let row, isLast: true) = self, let until = row?.frozenUntil else { return nil }
        return .frozen(userID: userID, until: until)
    }
}

extension SignInFailure {
    /// Why a code did not do; nil when it did.
    /// - Parameters:
    ///   - outcome: What the challenge said; nil when there is none.
    ///   - userID: The user that the code is to be for.
    package init?(ofCode outcome: SMSChallenge.Outcome?, for userID: String) {
        switch outcome {
        case nil: self = .noCode
        case .wrong: self = .wrongCode
        case .expired: self = .expiredCode
        case .exhausted: self = .exhaustedCode
        case .used: self = .usedCode
        case .foreign: self = .foreignCode
        // The phone may have passed to another user since the code was sent.
        case .accepted(userID): return nil
        case .accepted: self = .stale
        }
    }
}
