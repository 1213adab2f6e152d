package import FoundationEssentials

/// When an ordinary request is asked for a solved ``Puzzle`` first, and how hard that is; nil is "off".
///
/// The figures lie well below the limits that refuse, so that an attack becomes expensive before anyone is refused, and
/// well above what a person does who mistypes once or twice.
package struct PuzzleLimits: Equatable, Sendable {
    /// Messages to one phone in an hour, after which the next one costs a puzzle.
    package var phoneSends: Int? = 2
    /// Messages asked for from one client address in an hour.
    package var addressSends: Int? = 5
    /// Messages asked for in the tenant within ``Pressure/tenantWindow``.
    package var tenantSends: Int? = 60
    /// Wrong passwords and codes from one client address, within the window that ``AddressLimits`` count in.
    package var addressFailures: Int? = 10
    /// The work, as the binary logarithm of the hashes it takes on average.
    package var work = 17
    /// Seconds that somebody waits whose browser runs no script.
    package var wait: TimeInterval = 60

    package init() {}
}

/// How many wrong attempts one client address may make before all its attempts are refused for a while; nil is "off".
/// Offices behind one address are exempt by setting.
package struct AddressLimits: Equatable, Sendable {
    package var failures: Int? = 100
    /// Seconds from the first of them.
    package var window: TimeInterval? = 900
    /// Seconds of refusal.
    package var pause: TimeInterval? = 900

    package init() {}

    /// The same figures for ``Throttle``, which counts accounts and addresses alike.
    package var throttle: ThrottleLimits {
        var limits = ThrottleLimits()
        limits.failures = failures
        limits.window = window
        limits.freeze = pause
        return limits
    }
}

/// What somebody is doing too much of. It never depends on whether a phone or an account exists.
package enum Pressure: Equatable, Sendable {
    case phone
    case address
    case tenant

    /// The time over which a tenant's messages are counted; seconds.
    package static let tenantWindow: TimeInterval = 600

    /// Whether the next message asks for a puzzle.
    /// - Parameters:
    ///   - asked: Messages asked for in the tenant within ``tenantWindow``, decoys among them.
    ///   - isAddressExempt: Whether the client's network is not counted.
    package static func onSending(
        _ history: SendHistory, askedInTenant asked: Int, isAddressExempt: Bool, _ limits: PuzzleLimits
    ) -> Pressure? {
        if reaches(history.phoneHour.count, limits.phoneSends) { return .phone }
        if !isAddressExempt, reaches(history.addressHour.count, limits.addressSends) { return .address }
        return reaches(asked, limits.tenantSends) ? .tenant : nil
    }

    /// Whether the next password or code asks for a puzzle.
    /// - Parameter row: What was counted for the client's address; nil for nothing, and for exempt networks.
    package static func onAttempt(
        _ row: Throttle?, _ limits: PuzzleLimits, _ address: AddressLimits, now: Date
    ) -> Pressure? {
        guard let row, row.isCounting(address.throttle, now: now) else { return nil }
        return reaches(row.failures, limits.addressFailures) ? .address : nil
    }

    private static func reaches(_ count: Int, _ limit: Int?) -> Bool {
        limit.map { count >= $0 } ?? false
    }
}
