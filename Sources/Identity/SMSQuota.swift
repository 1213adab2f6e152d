package import Directory

/// A tenant's monthly quota of messages: what one more message does to it.
package struct SMSQuota: Equatable, Sendable {
    /// Messages in a calendar month (UTC), as the vendor bills them.
    package var limit: Int
    /// Of them, used before.
    package var used: Int

    /// - Returns: nil for a tenant without a quota.
    package init?(_ limits: SMSSendingLimits, _ history: SendHistory) {
        guard let limit = limits.perTenantMonth else { return nil }
        self.limit = limit
        used = history.tenantMonth
    }

    /// The mark that a message passes; the higher one when it passes both.
    /// - Parameter segments: What the message is billed as.
    package func mark(passedBy segments: Int) -> SMSQuotaMark? {
        let after = used + segments
        if used < limit, after >= limit { return .used }
        // Whole numbers: 4/5 of the limit without rounding.
        return used * 5 < limit * 4 && after * 5 >= limit * 4 ? .nearlyUsed : nil
    }
}

/// How many messages of the network's size a text is billed as.
package enum SMSSegments {
    /// Chinese networks bill 70 characters as one message and, in longer texts, 67 characters as one of several
    /// (GSM 03.38 in UCS-2; the vendors count every character alike).
    package static func count(of text: String) -> Int {
        let length = text.utf16.count
        return length <= 70 ? 1 : (length + 66) / 67
    }
}
