/// What a person can show besides a password or a code, as counts: enough to decide what to ask for.
package struct SecondFactors: Equatable, Sendable {
    package var hasApp: Bool
    /// Whether the person chose codes by SMS; worth something only while the account has a phone.
    package var hasSMS: Bool
    package var passkeys: Int
    /// Those that are left.
    package var recoveryCodes: Int

    package init(hasApp: Bool = false, hasSMS: Bool = false, passkeys: Int = 0, recoveryCodes: Int = 0) {
        self.hasApp = hasApp
        self.hasSMS = hasSMS
        self.passkeys = passkeys
        self.recoveryCodes = recoveryCodes
    }

    /// Whether there is none. Recovery codes alone are none: they stand in for one.
    package var isEmpty: Bool { !hasApp && !hasSMS && passkeys == 0 }
}
