/// The few shapes of ASN.1 DER (X.690) that signatures and public keys are made of.
enum DER {
    /// RFC 8017 appendix A.1: rsaEncryption with its NULL parameters.
    static let rsaEncryption: [UInt8] = [
        0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    /// RFC 5480 §2.1.1: id-ecPublicKey with the named curve secp256r1.
    static let p256: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
        0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
    ]

    /// A non-negative INTEGER in its shortest form, with a zero byte in front when the top bit is set (§8.3).
    static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var content = Array(bytes.drop { $0 == 0 })
        if content.first.map({ $0 >= 0x80 }) ?? true { content.insert(0, at: 0) }
        return element(0x02, content)
    }

    /// A SEQUENCE of elements that are encoded already.
    static func sequence(_ elements: [UInt8]) -> [UInt8] { element(0x30, elements) }

    /// A BIT STRING without unused bits.
    static func bitString(_ bytes: [UInt8]) -> [UInt8] { element(0x03, [0] + bytes) }

    /// Tag, length (§8.1.3) and content; content is below 65,536 bytes here.
    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<0x80: [tag, UInt8(content.count)] + content
        case ..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        }
    }
}
