/// Why a percent-encoded text is refused.
package enum PercentEncodingError: Error, Equatable, Sendable {
    /// `%` that is not followed by two hexadecimal digits (RFC 3986 §2.1).
    case badEscape
    /// A NUL, escaped or not: C libraries and PostgreSQL would cut the value there.
    case containsNUL
    /// The decoded bytes are not UTF-8, overlong forms and surrogates included.
    case invalidUTF8
    /// More combining marks in a row than any writing has. Comparing and normalising such text costs the square of its
    /// length.
    case tooManyMarks
}

/// Percent-encoding of one URI component (RFC 3986 §2).
package enum PercentEncoding {
    /// `text` with every byte outside the unreserved set (letters, digits, `-._~`) as `%XX`.
    ///
    /// A space becomes `%20`, which readers of URIs and of forms both understand.
    package static func encode(_ text: String) -> String {
        var output: [UInt8] = []
        append(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the encoded form of `text` to a buffer that is being put together.
    package static func append(_ text: String, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                output.append(hexadecimalDigit(byte >> 4))
                output.append(hexadecimalDigit(byte & 15))
            }
        }
    }

    /// The text that `encoded` stands for; `+` stays `+`.
    package static func decode(_ encoded: String) throws(PercentEncodingError) -> String {
        try decode(Array(encoded.utf8)[...], plusIsSpace: false)
    }

    /// The text that a part of a larger text stands for.
    /// - Parameter plusIsSpace: The rule of forms and queries; false in a path.
    package static func decode(
        _ encoded: ArraySlice<UInt8>, plusIsSpace: Bool
    ) throws(PercentEncodingError) -> String {
        // Most names and values have nothing to decode and need no buffer in between.
        let text =
            encoded.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") || $0 == 0 }
            ? String(validating: try decodedBytes(encoded, plusIsSpace), as: UTF8.self)
            : String(validating: encoded, as: UTF8.self)
        guard let text else { throw .invalidUTF8 }
        guard isStreamSafe(text) else { throw .tooManyMarks }
        return text
    }

    /// Whether no more than 30 combining marks stand in a row (UAX #15 §13, Stream-Safe Text Format).
    private static func isStreamSafe(_ text: String) -> Bool {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return true }
        var marks = 0
        for scalar in text.unicodeScalars {
            marks = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : marks + 1
            guard marks <= 30 else { return false }
        }
        return true
    }

    private static func decodedBytes(
        _ encoded: ArraySlice<UInt8>, _ plusIsSpace: Bool
    ) throws(PercentEncodingError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index < encoded.endIndex {
            var byte = encoded[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard index + 2 <= encoded.endIndex, let high = hexadecimalValue(encoded[index]),
                    let low = hexadecimalValue(encoded[index + 1])
                else { throw .badEscape }
                byte = high << 4 | low
                index += 2
            } else if byte == UInt8(ascii: "+"), plusIsSpace {
                byte = UInt8(ascii: " ")
            }
            guard byte != 0 else { throw .containsNUL }
            output.append(byte)
        }
        return output
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

/// The upper-case digit of a value below 16.
func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}

/// The value of a hexadecimal digit of either case.
func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}
