/// What a person typed or pasted, freed from what keyboards and phone books add unseen.
package enum TypedText {
    /// The text in its plain form.
    ///
    /// Full-width ASCII (U+FF01–FF5E, what a Chinese input method produces) becomes ASCII, every kind of dash a
    /// hyphen, every kind of space a space; format characters (direction marks, zero-width spaces) vanish, as does
    /// white space at both ends.
    ///
    /// ```swift
    /// TypedText.plain("　１３８ 0000–1234")   // "138 0000-1234"
    /// ```
    package static func plain(_ typed: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in typed.unicodeScalars {
            if let plain = plain(scalar) { scalars.append(plain) }
        }
        while scalars.last == " " { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars.drop { $0 == " " }))
    }

    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.value {
        case 0x20...0x7e: return scalar
        // U+FF01 is "!" moved up by 0xFEE0.
        case 0xff01...0xff5e: return Unicode.Scalar(scalar.value - 0xfee0)
        case 0x09, 0x0a, 0x0d: return " "
        // Minus sign; the only dash outside the category of dashes.
        case 0x2212: return "-"
        default: break
        }
        switch scalar.properties.generalCategory {
        case .format: return nil
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return " "
        case .dashPunctuation: return "-"
        default: return scalar
        }
    }

    /// The text with ASCII capitals made small; other letters stay, so that no locale can change the result.
    package static func lowercasedASCII(_ text: String) -> String {
        let bytes = text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// `0` to `9`.
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    /// `a` to `z`.
    var isASCIILowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    /// `a` to `z`, `A` to `Z`.
    var isASCIILetter: Bool { (self | 0x20).isASCIILowercase }
}
