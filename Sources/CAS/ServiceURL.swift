import Directory
import Wire

/// The address by which an application is known to CAS: its `service` (CAS 3.0 §1.1, §2.1.1).
///
/// Only what ``init(registering:allowsPlainHTTP:)`` accepted is ever registered, and a presented service is compared
/// with it byte for byte: no prefix, no wildcard, no normalisation. Nothing here needs to understand a *presented*
/// URL, which is where matchers go wrong (user names, double encoding, dot segments).
package struct ServiceURL: Hashable, Sendable {
    /// The URL as registered; printable ASCII, no fragment.
    package let text: String

    /// Takes a URL that was checked when it was registered.
    package init(stored text: String) { self.text = text }

    /// Checks a URL that an administrator wants to register.
    ///
    /// ```swift
    /// try ServiceURL(registering: "https://wiki.example/cas?next=home", allowsPlainHTTP: false)
    /// ```
    ///
    /// - Parameters:
    ///   - text: An absolute URL; every character that RFC 3986 does not allow must already be percent-encoded.
    ///   - allowsPlainHTTP: Whether the administrator said yes to `http` off the loopback interface. Tickets and
    ///     attributes then travel readable (§2.1.1 recommends https only).
    /// - Throws: The first rule that the URL breaks; nothing is to be written then.
    package init(registering text: String, allowsPlainHTTP: Bool) throws(ServiceURLError) {
        guard !text.utf8.contains(UInt8(ascii: "#")) else { throw .fragment }
        guard Self.hasCompleteEscapes(Array(text.utf8)) else { throw .brokenEscape }
        guard let url = try? WebURL(text) else { throw .malformed }
        guard url.scheme == "https" || url.isLoopback || allowsPlainHTTP else { throw .plainHTTP }
        guard !Self.hasTicketParameter(url) else { throw .ticketParameter }
        self.text = text
    }

    /// Whether a presented `service` is this one.
    package func matches(_ presented: String) -> Bool { text.isByteEqual(to: presented) }

    /// Where the browser goes with a ticket (§2.2.4, Appendix B): the service with `ticket` added to its query.
    ///
    /// - Parameter ticket: Freshly minted; letters, digits and `-` only (§3.7), so encoding does not change it.
    package func location(ticket: String) -> String {
        FormURLEncoded.adding([FormURLEncoded.Pair("ticket", ticket)], toQueryOf: text)
    }

    /// A `%` that two hexadecimal digits do not follow is repaired by one browser and not by another; then the bytes
    /// that come back are not the registered ones.
    private static func hasCompleteEscapes(_ bytes: [UInt8]) -> Bool {
        bytes.indices.allSatisfy { index in
            bytes[index] != UInt8(ascii: "%")
                || bytes.dropFirst(index + 1).prefix(2).filter { Character(Unicode.Scalar($0)).isHexDigit }.count == 2
        }
    }

    /// Two `ticket` parameters would leave it to the application which one it validates.
    private static func hasTicketParameter(_ url: WebURL) -> Bool {
        guard
            let query = url.rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).dropFirst()
                .first,
            let pairs = try? FormURLEncoded.parse(Array(query.utf8))
        else {
            // A query that is no form has no parameters to confuse.
            return false
        }
        return pairs.contains { $0.name.isByteEqual(to: "ticket") }
    }
}

/// Why a service URL cannot be registered.
package enum ServiceURLError: Error, Equatable, Sendable, CaseIterable {
    case fragment
    case brokenEscape
    case malformed
    case plainHTTP
    case ticketParameter

    /// What the administrator should fix, one sentence.
    package var text: StaticString {
        switch self {
        case .fragment: "a service URL must not contain '#': what follows it never reaches the application's server"
        case .brokenEscape: "in a service URL every '%' must be followed by two hexadecimal digits"
        case .malformed:
            "a service URL must be an absolute https URL of plain ASCII with one host, no user name, no wildcard"
        case .plainHTTP: "a service URL must use https; http is for loopback addresses, or must be explicitly allowed"
        case .ticketParameter: "the query of a service URL must not contain 'ticket', which is added to it at sign-in"
        }
    }
}
