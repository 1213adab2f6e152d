@testable import Cryptography
import Testing

/// One hash of `StoredPasswordSample.password` in each accepted form, at little cost. Made with passlib 1.7.4, bcrypt
/// 4.0.1, Django 5.2.19, argon2-cffi 25.1.0 and Python's hashlib; none is of a real account.
struct StoredPasswordSample: Sendable, CustomTestStringConvertible {
    let form: String
    let scheme: StoredPassword.Scheme
    /// Up to and including the sign before the hash.
    let settings: String
    let hash: String

    var text: String { settings + hash }
    var testDescription: String { form }

    static let password = Array("correct horse".utf8)

    init(_ form: String, _ scheme: StoredPassword.Scheme, _ settings: String, _ hash: String) {
        self.form = form
        self.scheme = scheme
        self.settings = settings
        self.hash = hash
    }

    /// The same text with its first `part` replaced.
    func replacing(_ part: String, with replacement: String) -> String {
        guard let range = text.firstRange(of: part) else { return text }
        return text.replacingCharacters(in: range, with: replacement)
    }

    static let argon2id = Self(
        "Argon2id", .argon2id, "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$",
        "rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI")
    static let bcrypt = bcrypt("2b")
    static let shaCrypt256 = Self(
        "SHA-crypt 256", .shaCrypt, "$5$rounds=1000$saltstring$", "95Bg/RfV2QriLpMdLPHK9el0Ighm6E3CBqMKzZKgCa2")
    static let shaCrypt512 = Self(
        "SHA-crypt 512", .shaCrypt, "$6$rounds=1000$saltstring$",
        "YiR6NSM0LQXmu7vAhkMXfkdYk7qtFouVx1Mdr3HmzXspT8kONjlpU3CsV7ezCB62uXJoAdaagsH4ck7/tB9js.")
    static let passlibPBKDF2 = Self(
        "passlib PBKDF2 SHA-256", .pbkdf2, "$pbkdf2-sha256$10$MDEyMzQ1Njc4OWFiY2RlZg$",
        "KLUjftKN/B4PkWN87AQc11svbpcK4Zn4oO26H53DbBc")
    static let djangoPBKDF2 = Self(
        "Django PBKDF2 SHA-256", .pbkdf2, "pbkdf2_sha256$10$seasalt$", "XDHys9VSpcUQ/JYORcuek+9NZi0Klg1vhHc1q/ro4qw=")
    static let passlibScrypt = Self(
        "passlib scrypt", .scrypt, "$scrypt$ln=4,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$",
        "2nYYR1WNiVIE4oqKrxPuQubql1AU4+laWwCM1jFvCJc")
    static let djangoScrypt = Self(
        "Django scrypt", .scrypt, "scrypt$16$seasalt$1$1$",
        "TzPXK4vCVyov8MQMcscXjI+tZVPRm1HzfgoR2J++1e/NjCXdkKkmwTk4SbvDIfuHpLmW2Okha+cyiBNoXQGxrA==")
    static let ssha = Self("SSHA", .saltedDigest, "{SSHA}", "awc/Cj0kafyFd5d8fGn07xoHBJJzYWx0c2FsdA==")

    static let all: [Self] = [
        argon2id, bcrypt("2a"), bcrypt, bcrypt("2y"), shaCrypt256, shaCrypt512, passlibPBKDF2,
        Self(
            "passlib PBKDF2 SHA-1", .pbkdf2, "$pbkdf2$10$MDEyMzQ1Njc4OWFiY2RlZg$", "mBwwJoFyw0PABIB8sZU9ssmNoJs"),
        Self(
            "passlib PBKDF2 SHA-512", .pbkdf2, "$pbkdf2-sha512$10$MDEyMzQ1Njc4OWFiY2RlZg$",
            "uGqSqWkeuzBXZf3sG2gLjhiZR9gSRGwJnKO0sP0c9PuwvX0ZZU1yQuq0OpmbgKA0WFOhbS6ISOMADJTitE3lQg"),
        djangoPBKDF2,
        Self("Django PBKDF2 SHA-1", .pbkdf2, "pbkdf2_sha1$10$seasalt$", "jAFEmttL0Xo+ZWd1LOsptYqbRzw="),
        passlibScrypt, djangoScrypt, ssha,
        Self("SSHA256", .saltedDigest, "{SSHA256}", "YflVcOMs6k7tbGkQbQNVn6/ehAnUAVltiLPKHBWGi2tzYWx0c2FsdA=="),
        Self(
            "SSHA512", .saltedDigest, "{SSHA512}",
            """
            50rsRNBf8j3I5xE+QwaHdFyMhOzITssZ8BB3UxwQ+SI1JKygYm6ZeRYTDuUyFZIIqDonoTuXwB0Z/MAPhgQCFHNhbHRzYWx0
            """),
        Self("CRYPT with bcrypt", .bcrypt, "{CRYPT}" + bcrypt.settings, bcrypt.hash),
        Self("CRYPT with SHA-crypt", .shaCrypt, "{CRYPT}" + shaCrypt512.settings, shaCrypt512.hash),
        Self("lower-case scheme of LDAP", .bcrypt, "{crypt}" + bcrypt.settings, bcrypt.hash),
    ]

    private static func bcrypt(_ version: String) -> Self {
        Self(
            "bcrypt \(version)", .bcrypt, "$\(version)$04$",
            "abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e")
    }
}
