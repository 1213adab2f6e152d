import Directory
@_spi(_Unicode) import Swift

/// A password as it was typed. Prints as `•••`.
///
/// It is prepared like an OpaqueString (RFC 8265 §4.2.2): every other kind of space becomes a plain one, and the text
/// is brought into Normalization Form C, so that the same keys on another system give the same bytes. Nothing is
/// trimmed and no case is changed.
package struct Password: Sendable, Concealed {
    /// What is hashed: UTF-8.
    package let bytes: [UInt8]

    /// The prepared text, for the password rules.
    let text: String

    /// The length that limits count: Unicode scalars of the prepared text (NIST SP 800-63B §3.1.1.2: "each Unicode
    /// code point shall be counted as a single character").
    var length: Int { text.unicodeScalars.count }

    /// Prepares what was typed.
    package init(_ typed: String) {
        var scalars = String.UnicodeScalarView()
        for scalar in typed.unicodeScalars {
            scalars.append(scalar.properties.generalCategory == .spaceSeparator ? " " : scalar)
        }
        var composed = String.UnicodeScalarView()
        // The standard library's own composition; FoundationEssentials has none.
        for scalar in String(scalars)._nfc { composed.append(scalar) }
        text = String(composed)
        bytes = Array(text.utf8)
    }
}
