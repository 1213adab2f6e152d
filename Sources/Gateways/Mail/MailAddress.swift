import Wire

/// A mailbox as it stands in an envelope and in a header: `name@example.com`, ASCII, of plain form.
///
/// Nothing else can be one, so neither a line break nor a second receiver gets into a message by an address. Prints as
/// `•••`.
package struct MailAddress: Hashable, Sendable {
    package let text: String

    /// What stands behind the `@`.
    var domain: String { String(text.drop { $0 != "@" }.dropFirst()) }

    /// Checks an address: a dot-atom (RFC 5322 §3.2.3) and a host name.
    /// - Returns: nil for anything else, for quoted local parts and address literals too.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        // RFC 5321 §4.5.3.1.
        guard parts.count == 2, text.utf8.count <= 254, parts[0].count <= 64 else { return nil }
        guard Self.isDotted(parts[0], Self.isAtomByte), Self.isDotted(parts[1], Self.isHostByte) else { return nil }
        self.text = text
    }

    private static func isDotted(_ text: Substring.UTF8View, _ isAllowed: (UInt8) -> Bool) -> Bool {
        text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.allSatisfy(isAllowed) }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isAtomByte(_ byte: UInt8) -> Bool {
        isHostByte(byte) || symbols.contains(byte)
    }

    private static let symbols = Set("!#$%&'*+/=?^_`{|}~".utf8)
}

extension MailAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
