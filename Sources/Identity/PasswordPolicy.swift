package import Directory
package import FoundationEssentials

/// A rule that a new password breaks; the raw value is the message key.
package enum PasswordViolation: String, Equatable, Sendable, CaseIterable {
    case tooShort = "password.too_short"
    case tooLong = "password.too_long"
    case tooFewClasses = "password.too_few_classes"
    case accountName = "password.account_name"
    case common = "password.common"
    case reused = "password.reused"
}

/// What a new password must be; nil and false are "off".
package struct PasswordPolicy: Equatable, Sendable {
    /// Unicode scalars.
    package var minimumLength: Int? = 8
    /// Unicode scalars.
    package var maximumLength: Int? = 128
    /// How many of the four classes must occur: capitals, small letters, digits, and everything else. A Chinese
    /// character has no case and counts as everything else.
    package var requiredClasses: Int? = 3
    package var refusesAccountName = true
    package var refusesCommon = true
    /// How many of the last passwords, the current one among them, must not come back.
    package var historyLength: Int? = 5
    /// Seconds after which a password must be changed; off unless a tenant wants it.
    package var maximumAge: TimeInterval?
    /// Seconds before that, in which the person is told.
    package var warning: TimeInterval? = 14 * 86_400
    /// Whether a person may set a new password with a code to the phone.
    package var offersReset = true
    /// Seconds for which a one-time password from an administrator is good; never off.
    package var oneTimeLifetime: TimeInterval = 86_400

    package init() {}

    /// Judges a new password; all that is wrong is told at once.
    /// - Parameters:
    ///   - common: Common passwords in small letters.
    ///   - isReused: Whether one of ``hashesToCheck(_:)`` is of this password. Finding out costs an Argon2 hash each,
    ///     so the shell does it outside every transaction.
    /// - Returns: In the order of the cases; empty when the password will do.
    package func violations(
        of password: Password, for username: Username, common: Set<String>, isReused: Bool
    ) -> [PasswordViolation] {
        let folded = password.text.lowercased()
        let broken: [PasswordViolation: Bool] = [
            .tooShort: password.length < minimumLength ?? 0,
            .tooLong: password.length > maximumLength ?? .max,
            .tooFewClasses: Self.classes(of: password.text) < requiredClasses ?? 0,
            .accountName: refusesAccountName && Self.isName(username.key, folded),
            .common: refusesCommon && Self.isCommon(folded, common),
            .reused: isReused && historyLength != nil,
        ]
        return PasswordViolation.allCases.filter { broken[$0] == true }
    }

    /// The stored hashes that a new password must not match, newest first.
    package func hashesToCheck(_ credential: Credential?) -> [String] {
        guard let credential, let historyLength else { return [] }
        return Array(([credential.hash].compactMap { $0 } + credential.history).prefix(historyLength))
    }

    /// The account name forwards or backwards, in any case, also with digits and symbols put around it: most names
    /// are shorter than a password may be, and `Alice2024!` is what people make of them then.
    private static func isName(_ name: String, _ folded: String) -> Bool {
        let names = [name, String(name.reversed())]
        if names.contains(folded) { return true }
        let word = letters(within: folded)
        return word.unicodeScalars.count >= 3 && names.contains { letters(within: $0) == word }
    }

    /// On the list, in any case, also with punctuation put behind it.
    private static func isCommon(_ folded: String, _ common: Set<String>) -> Bool {
        var stem = folded.unicodeScalars[...]
        while let last = stem.last, !last.properties.isAlphabetic, last.properties.numericType == nil {
            stem.removeLast()
        }
        return common.contains(folded) || common.contains(String(stem))
    }

    /// The text from its first to its last letter.
    private static func letters(within text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let last = scalars.last, !last.properties.isAlphabetic { scalars.removeLast() }
        return String(scalars.drop { !$0.properties.isAlphabetic })
    }

    private static func classes(of text: String) -> Int {
        Set(text.unicodeScalars.map(characterClass)).count
    }

    private static func characterClass(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter: 0
        case .lowercaseLetter: 1
        case .decimalNumber: 2
        default: 3
        }
    }
}
