/// What an access token is good for: an ordered set of words (RFC 6749 §3.3).
///
/// ```swift
/// try Scope(parsing: "openid profile openid").text     // "openid profile"
/// ```
package struct Scope: Equatable, Sendable {
    /// The words, each once, in the order in which they were named; visible ASCII without `"` and `\`.
    package let tokens: [String]

    /// More words than any client needs; bounds the work of comparing them.
    private static let maximumTokens = 64

    /// No words: nothing was asked for, or nothing of it is allowed.
    package static let empty = Scope(trusted: [])

    /// Reads the value of a `scope` parameter, or of a setting.
    /// - Throws: `invalid_scope` for a character outside the grammar, for anything but single spaces between words,
    ///   and for more than 64 words.
    package init(parsing text: String) throws(OAuth2Error) {
        var tokens: [String] = []
        let words = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count <= Self.maximumTokens else { throw OAuth2Error(.invalidScope, "scope has too many words") }
        for word in words {
            guard !word.isEmpty, word.allSatisfy(Self.isAllowed) else {
                throw OAuth2Error(.invalidScope, "scope is not words of visible ASCII with single spaces between")
            }
            let token = String(decoding: word, as: UTF8.self)
            if !tokens.contains(token) { tokens.append(token) }
        }
        self.tokens = tokens
    }

    private init(trusted tokens: [String]) {
        self.tokens = tokens
    }

    /// The space-separated form of the wire and of the database; empty for no words.
    package var text: String { tokens.joined(separator: " ") }

    package var isEmpty: Bool { tokens.isEmpty }

    package func contains(_ token: String) -> Bool { tokens.contains(token) }

    /// Whether every word of this scope is in `other`.
    package func isSubset(of other: Scope) -> Bool { tokens.allSatisfy(other.contains) }

    /// The words that are in `other` too, in the order of this scope.
    package func intersection(_ other: Scope) -> Scope { Scope(trusted: tokens.filter(other.contains)) }

    /// This scope without one word.
    package func removing(_ token: String) -> Scope { Scope(trusted: tokens.filter { $0 != token }) }

    /// `scope-token` of RFC 6749 §3.3.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x5B, 0x5D...0x7E: true
        default: false
        }
    }
}

extension Scope {
    /// Makes the request an OpenID Connect one (OIDC Core §3.1.2.1).
    package static let openID = "openid"
    /// Lets a refresh token outlive the session in which it was given (OIDC Core §11).
    package static let offlineAccess = "offline_access"

    /// All words that mean something to this server, `groups` being the only one that no specification names.
    package static let supported = Scope(
        trusted: [openID, "profile", "email", "phone", "groups", offlineAccess])

    /// What a new client is allowed: all but ``offlineAccess``, which an administrator must give it.
    package static let standard = supported.removing(offlineAccess)

    /// Reads what was stored; an empty text is no words.
    package init(stored text: String) throws(OAuth2Error) {
        if text.isEmpty { self = .empty } else { try self.init(parsing: text) }
    }
}
