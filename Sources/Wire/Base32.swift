/// Base32 with the standard alphabet (RFC 4648 §6): how authenticator apps take their secrets.
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// The text form of `bytes`, without padding.
    package static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count * 8 + 4) / 5)
        var group: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            group = (group << 8 | UInt32(byte)) & 0xFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                output.append(alphabet[Int(group >> bits & 31)])
            }
        }
        if bits > 0 { output.append(alphabet[Int(group << (5 - bits) & 31)]) }
        return String(decoding: output, as: UTF8.self)
    }
}
