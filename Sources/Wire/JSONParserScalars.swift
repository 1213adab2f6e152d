// The two parts of the grammar with inner structure: numbers (RFC 8259 §6) and strings (§7).

extension JSONParser {
    mutating func number() throws(JSON.ParseError) -> JSON {
        let start = index
        if try peek() == UInt8(ascii: "-") { index += 1 }
        let firstDigit = index
        try digits()
        // A leading zero stands alone: 01 is two tokens in some readers and octal in others.
        guard bytes[firstDigit] != UInt8(ascii: "0") || index == firstDigit + 1 else { throw error(.badNumber) }
        let isInteger = try !fractionAndExponent()
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw JSON.ParseError(.badNumber, at: start) }
        return .number(value)
    }

    /// True when there was a fraction or an exponent.
    private mutating func fractionAndExponent() throws(JSON.ParseError) -> Bool {
        let start = index
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            try digits()
        }
        return index > start
    }

    private mutating func digits() throws(JSON.ParseError) {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        guard index > start else { throw error(index < bytes.count ? .unexpectedByte : .unexpectedEnd) }
    }

    /// Reads a string from its opening to its closing quote. Text without escapes is validated and copied at once.
    mutating func string() throws(JSON.ParseError) -> String {
        index += 1
        let start = index
        var unescaped: [UInt8]?
        var copied = index
        while true {
            let byte = try peek()
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw error(.controlCharacter) }
            guard byte == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            var text = unescaped ?? []
            unescaped = nil
            text += bytes[copied..<index]
            text.append(contentsOf: try escape().utf8)
            copied = index
            unescaped = text
        }
        let end = index
        index += 1
        return try validated(unescaped.map { $0 + bytes[copied..<end] }, or: bytes[start..<end], at: start)
    }

    private func validated(
        _ unescaped: [UInt8]?, or raw: ArraySlice<UInt8>, at start: Int
    ) throws(JSON.ParseError) -> String {
        let text = unescaped.map { String(validating: $0, as: UTF8.self) } ?? String(validating: raw, as: UTF8.self)
        guard let text else { throw JSON.ParseError(.invalidUTF8, at: start) }
        return text
    }

    /// The character of the escape at `index`, which is moved behind it.
    private mutating func escape() throws(JSON.ParseError) -> Unicode.Scalar {
        index += 1
        let kind = try peek()
        index += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw JSON.ParseError(.badEscape, at: index - 1)
        }
    }

    private mutating func unicodeEscape() throws(JSON.ParseError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
        guard UTF16.isLeadSurrogate(first), index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { throw error(.loneSurrogate) }
        index += 2
        let second = try codeUnit()
        let value = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
        guard UTF16.isTrailSurrogate(second), let scalar = Unicode.Scalar(value) else { throw error(.loneSurrogate) }
        return scalar
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() throws(JSON.ParseError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = hexadecimalValue(try peek()) else { throw error(.badEscape) }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }
}
