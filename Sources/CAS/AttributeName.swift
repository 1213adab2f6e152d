/// The rule for names under which attributes are released: an element `cas:name` in XML, a member in JSON.
///
/// `AttributeRelease` checks names when they are configured. This is asked again when an answer is made, so that no
/// stored name can turn it into something that is no XML, or speak in place of the protocol.
enum AttributeName {
    /// The elements of `attributes` that the protocol itself defines (Appendix A).
    private static let reserved: Set<String> = [
        "authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin",
    ]

    /// Whether a text is an XML name without colon (a letter or `_`, then letters, digits, `_`, `-`, `.`; ASCII) and
    /// none of the protocol's own.
    static func isUsable(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || isInner($0) } && !reserved.contains(text)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isInner(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
