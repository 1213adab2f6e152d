/// A domain by which members of a tenant sign in, as `tom@example.com`. Mail has nothing to do with it.
///
/// Whether somebody could register it is not checked here: a list of public suffixes is out of date on the day it is
/// made, and nobody can prove that `com.cn` is theirs.
package struct DomainName: Hashable, Sendable {
    /// Small letters, no final dot.
    package let text: String

    /// Checks a domain as it was typed.
    ///
    /// ```swift
    /// try DomainName("Example.COM").text   // "example.com"
    /// ```
    /// - Throws: A `domain…` case or `badDomainName`, also for an address with scheme, port or path.
    package init(_ typed: String) throws(DirectoryError) {
        let plain = TypedText.lowercasedASCII(TypedText.plain(typed))
        guard plain.utf8.allSatisfy({ $0 < 0x80 }) else { throw .domainIsNotASCII }
        guard HostName.isDomain(plain[...]), plain.utf8.count <= Self.greatestLength else { throw .badDomainName }
        let labels = plain.split(separator: ".").map(String.init)
        guard let top = labels.last, Self.isTopLevel(top) else { throw .badDomainName }
        // With two labels it is a domain of that name, as www.com is.
        guard labels.count == 2 || labels[0] != "www" else { throw .domainBeginsWithWWW }
        guard !Self.namesOfNobody.contains(top) else { throw .domainIsNobodys }
        text = plain
    }

    /// Takes a domain that was checked when it was stored.
    package init(stored text: String) {
        self.text = text
    }

    /// Leaves room for the labels of a proof's record in the 253 characters of a name (RFC 1035 §2.3.4).
    private static let greatestLength = 253 - ClaimedDomain.recordOverhead

    /// Top-level domains are letters, or the ASCII form of others (RFC 3696 §2): an IP address is no domain.
    private static func isTopLevel(_ label: String) -> Bool {
        label.hasPrefix("xn--") || label.utf8.count > 1 && label.utf8.allSatisfy(\.isASCIILowercase)
    }

    /// Names that everybody has for himself or nobody can have (RFC 6761, 6762, 7686, 8375, 9476; `internal` by
    /// ICANN's resolution of 2024): what is proved about one in our network says nothing. `example` is not among them:
    /// it is in no zone, so that it cannot be proved anyway, and documents and tests need it.
    private static let namesOfNobody: Set<String> = [
        "localhost", "local", "internal", "test", "invalid", "onion", "alt", "arpa",
    ]
}
