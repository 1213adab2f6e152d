/// One base64 alphabet with its inverse; the loop that both public forms share.
struct Base64Code: Sendable {
    private let alphabet: [UInt8]
    /// Byte → six bits, or 0xff for a byte outside the alphabet. Always 256 entries.
    private let values: [UInt8]
    private let isPadded: Bool

    static let urlSafe = Base64Code("-", "_", isPadded: false)
    static let standard = Base64Code("+", "/", isPadded: true)

    private init(_ sixtyTwo: Unicode.Scalar, _ sixtyThree: Unicode.Scalar, isPadded: Bool) {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        alphabet = letters + [UInt8(ascii: sixtyTwo), UInt8(ascii: sixtyThree)]
        var values = [UInt8](repeating: 0xff, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        self.values = values
        self.isPadded = isPadded
    }

    func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        let capacity = (bytes.count + 2) / 3 * 4
        let input = bytes.span
        let alphabet = alphabet.span
        output.append(addingCapacity: capacity) { (output: inout OutputSpan<UInt8>) in
            var index = 0
            while index + 3 <= input.count {
                let group = UInt32(input[index]) << 16 | UInt32(input[index + 1]) << 8 | UInt32(input[index + 2])
                for shift: UInt32 in [18, 12, 6, 0] { output.append(alphabet[Int(group >> shift & 63)]) }
                index += 3
            }
            appendTail(of: input, from: index, alphabet, &output)
        }
    }

    /// The last one or two bytes, which fill two or three characters.
    private func appendTail(
        of input: Span<UInt8>, from index: Int, _ alphabet: Span<UInt8>, _ output: inout OutputSpan<UInt8>
    ) {
        let rest = input.count - index
        guard rest > 0 else { return }
        let group = UInt32(input[index]) << 16 | (rest == 2 ? UInt32(input[index + 1]) << 8 : 0)
        output.append(alphabet[Int(group >> 18 & 63)])
        output.append(alphabet[Int(group >> 12 & 63)])
        if rest == 2 { output.append(alphabet[Int(group >> 6 & 63)]) }
        guard isPadded else { return }
        for _ in rest..<3 { output.append(UInt8(ascii: "=")) }
    }

    /// - Parameter characters: Without padding.
    func decode(_ characters: ArraySlice<UInt8>) throws(Base64Error) -> [UInt8] {
        guard characters.count % 4 != 1 else { throw .malformed }
        var output: [UInt8] = []
        output.reserveCapacity(characters.count * 3 / 4)
        var group: UInt32 = 0
        var bits = 0
        for character in characters {
            let value = values[Int(character)]
            guard value != 0xff else { throw .malformed }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
                group &= (1 << UInt32(bits)) - 1
            }
        }
        guard group == 0 else { throw .notCanonical }
        return output
    }
}
