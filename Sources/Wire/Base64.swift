/// Why a text is not the base64 form of any bytes.
package enum Base64Error: Error, Equatable, Sendable {
    /// A byte outside the alphabet, misplaced padding, or an impossible length.
    case malformed
    /// The unused low bits of the last character are not zero (RFC 4648 §3.5): a second spelling of the same bytes.
    case notCanonical
}

/// Base64 with the URL-safe alphabet and without padding (RFC 4648 §5, RFC 7515 §2).
///
/// ```swift
/// Base64URL.encode([0xfb, 0xff])       // "-_8"
/// try Base64URL.decode("-_8")          // [0xfb, 0xff]
/// ```
package enum Base64URL {
    /// The text form of `bytes`.
    package static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        append(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the text form of `bytes` to a buffer that is being put together; grows it once.
    package static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        Base64Code.urlSafe.append(bytes, to: &output)
    }

    /// The bytes that `text` stands for.
    /// - Throws: for padding, white space, the other alphabet, and non-zero spare bits: one value has one spelling.
    package static func decode(_ text: String) throws(Base64Error) -> [UInt8] {
        try Base64Code.urlSafe.decode(Array(text.utf8)[...])
    }

    /// The bytes that a part of a larger text stands for; the same rules as for a `String`.
    package static func decode(_ text: ArraySlice<UInt8>) throws(Base64Error) -> [UInt8] {
        try Base64Code.urlSafe.decode(text)
    }
}

/// Base64 with the standard alphabet and mandatory padding (RFC 4648 §4): HTTP Basic, PEM, SAML.
package enum Base64 {
    /// The text form of `bytes`.
    package static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        Base64Code.standard.append(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// The bytes that `text` stands for.
    /// - Throws: for missing padding, white space and non-zero spare bits.
    package static func decode(_ text: String) throws(Base64Error) -> [UInt8] {
        var characters = Array(text.utf8)[...]
        guard characters.count.isMultiple(of: 4) else { throw .malformed }
        for _ in 0..<2 where characters.last == UInt8(ascii: "=") { characters.removeLast() }
        return try Base64Code.standard.decode(characters)
    }
}
