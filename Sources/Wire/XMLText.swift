/// Text that is put between XML tags or into a quoted attribute (XML 1.0 §2.2, §2.4).
package enum XMLText {
    /// `text` with markup characters as entities.
    ///
    /// Characters that XML 1.0 cannot carry at all (C0 controls other than tab and line feed, U+FFFE, U+FFFF) become
    /// U+FFFD, so that a hostile display name cannot make a CAS answer unreadable. Carriage return, and in attributes
    /// tab and line feed, would be normalised by the reader; they are kept as character references.
    ///
    /// ```swift
    /// XMLText.escape("R&D <1>")   // "R&amp;D &lt;1&gt;"
    /// ```
    package static func escape(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { replacement(for: $0) != nil }) else { return text }
        var output = ""
        output.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            if let replacement = replacement(for: scalar) {
                output += replacement
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static func replacement(for scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x26: "&amp;"
        case 0x3C: "&lt;"
        case 0x3E: "&gt;"
        case 0x22: "&quot;"
        case 0x27: "&#39;"
        case 0x09: "&#9;"
        case 0x0A: "&#10;"
        case 0x0D: "&#13;"
        case 0..<0x20, 0xFFFE, 0xFFFF: "\u{FFFD}"
        default: nil
        }
    }
}
