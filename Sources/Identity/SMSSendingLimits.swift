package import Directory
package import FoundationEssentials

/// How many codes may be sent; nil is "off".
package struct SMSSendingLimits: Equatable, Sendable {
    /// Seconds between two sends to one phone.
    package var interval: TimeInterval? = 60
    package var perPhoneHour: Int? = 5
    package var perPhoneDay: Int? = 10
    package var perAddressHour: Int? = 20
    /// In one calendar month (UTC), over the tenant, in messages as the vendor bills them; off until a contract with an
    /// SMS vendor gives a figure.
    package var perTenantMonth: Int?

    package init() {}

    /// Whether a code may be sent now.
    package enum Decision: Equatable, Sendable {
        case allowed
        /// - retryAfter: Whole seconds after which this limit may let a send pass; at least 1.
        case refused(SMSLimit, retryAfter: Int)
    }

    /// Decides from what was sent before.
    ///
    /// The same for known and unknown phones: both have a history, since a decoy is recorded like a send.
    /// - Parameters:
    ///   - isAddressExempt: Whether the client comes from a network that per-address limits do not count (an office
    ///     behind one address). The other limits hold for everyone.
    /// - Returns: Of several limits reached, the one that lasts longest.
    package func decide(_ history: SendHistory, isAddressExempt: Bool, now: Date) -> Decision {
        let waits: [(SMSLimit, TimeInterval?)] = [
            (.interval, intervalWait(history, now: now)),
            (.phoneHour, history.phoneHour.wait(limit: perPhoneHour, window: SendHistory.hour, now: now)),
            (.phoneDay, history.phoneDay.wait(limit: perPhoneDay, window: SendHistory.day, now: now)),
            (
                .addressHour,
                history.addressHour.wait(
                    limit: isAddressExempt ? nil : perAddressHour, window: SendHistory.hour, now: now)
            ),
            (.tenantMonth, monthWait(history, now: now)),
        ]
        let reached = waits.compactMap { limit, wait in wait.map { (limit, $0) } }
        guard let (limit, wait) = reached.max(by: { $0.1 < $1.1 }) else { return .allowed }
        return .refused(limit, retryAfter: max(1, Int(wait.rounded(.up))))
    }

    /// Whether a message that tells a person what they did themselves may be sent.
    ///
    /// Nobody asked for it, so it does not wait for others; but it is billed, and a phone gets no more of them in a day
    /// than codes.
    /// - Parameter sentInDay: Such messages to the phone within ``SendHistory/day``.
    package func allowsNotice(_ history: SendHistory, sentInDay: Int) -> Bool {
        monthIsOpen(history) && sentInDay < perPhoneDay ?? .max
    }

    private func monthIsOpen(_ history: SendHistory) -> Bool { history.tenantMonth < perTenantMonth ?? .max }

    private func intervalWait(_ history: SendHistory, now: Date) -> TimeInterval? {
        guard let interval, let last = history.lastSentAt else { return nil }
        let wait = (last + interval).timeIntervalSince(now)
        return wait > 0 ? wait : nil
    }

    private func monthWait(_ history: SendHistory, now: Date) -> TimeInterval? {
        guard !monthIsOpen(history) else { return nil }
        return SendHistory.nextMonth(after: now).timeIntervalSince(now)
    }
}

/// What was sent before, as counted by the store in the transaction that will record the next send.
package struct SendHistory: Equatable, Sendable {
    /// Sends of a running window that ends now.
    package struct Count: Equatable, Sendable {
        package var count: Int
        /// The oldest of them; nil when there is none.
        package var oldestAt: Date?

        package init(_ count: Int, oldestAt: Date?) {
            self.count = count
            self.oldestAt = oldestAt
        }

        package static let none = Count(0, oldestAt: nil)

        /// Seconds until the oldest leaves the window; nil while the limit is not reached.
        func wait(limit: Int?, window: TimeInterval, now: Date) -> TimeInterval? {
            guard let limit, count >= limit else { return nil }
            return ((oldestAt ?? now) + window).timeIntervalSince(now)
        }
    }

    /// The windows of the counts: sends *after* `now` minus so many seconds.
    package static let hour: TimeInterval = 3_600
    package static let day: TimeInterval = 86_400

    /// The last send to this phone.
    package var lastSentAt: Date?
    package var phoneHour: Count
    package var phoneDay: Count
    package var addressHour: Count
    /// Billed messages of the tenant since ``monthStart(of:)``; decoys cost nothing and are not counted.
    package var tenantMonth: Int

    package init(
        lastSentAt: Date? = nil, phoneHour: Count = .none, phoneDay: Count = .none, addressHour: Count = .none,
        tenantMonth: Int = 0
    ) {
        self.lastSentAt = lastSentAt
        self.phoneHour = phoneHour
        self.phoneDay = phoneDay
        self.addressHour = addressHour
        self.tenantMonth = tenantMonth
    }

    /// The first second of the calendar month (UTC) that the quota counts from.
    package static func monthStart(of now: Date) -> Date {
        month(of: now)?.start ?? now
    }

    /// The first second of the calendar month (UTC) after this one.
    package static func nextMonth(after now: Date) -> Date {
        month(of: now)?.end ?? now
    }

    private static func month(of now: Date) -> DateInterval? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar.dateInterval(of: .month, for: now)
    }
}
