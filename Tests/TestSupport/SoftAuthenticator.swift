import Cryptography
package import Wire

/// An authenticator with one passkey, as browser and device together answer a page: what people have in their pockets.
package struct SoftAuthenticator: Sendable {
    private let key: SigningKey
    package let credentialID: String
    /// What the next answer says; 0 for one that does not count.
    package var counter: UInt32 = 0
    /// User present and verified (WebAuthn Level 3 §6.1).
    package var flags: UInt8 = 0x05
    package var userHandle: String?

    package init() throws {
        key = try SigningKey.generate(.es256)
        var random = SecureRandom()
        credentialID = Base64URL.encode(random.bytes(32))
    }

    /// Answers `navigator.credentials.create`.
    /// - Parameter origin: Where the page is.
    package mutating func create(_ options: JSON, at origin: String) throws -> String {
        userHandle = options["user"]?["id"]?.string
        let credential = try Base64URL.decode(credentialID)
        let length = [UInt8(credential.count >> 8), UInt8(credential.count & 0xFF)]
        let attested = [UInt8](repeating: 0, count: 16) + length + credential + coseKey
        let data = authenticatorData(options["rp"]?["id"]?.string ?? "", flags | 0x40) + attested
        let object =
            [0xA3] + Self.text("fmt") + Self.text("none") + Self.text("attStmt") + [0xA0] + Self.text("authData")
            + [0x58, UInt8(data.count)] + data
        return answer([
            ("clientDataJSON", Base64URL.encode(clientData("webauthn.create", options, origin))),
            ("attestationObject", Base64URL.encode(object)),
        ])
    }

    /// Answers `navigator.credentials.get`.
    package func get(_ options: JSON, at origin: String) throws -> String {
        let data = authenticatorData(options["rpId"]?.string ?? "", flags)
        let clientData = clientData("webauthn.get", options, origin)
        let signature = try key.sign(data + SHA256.hash(clientData))
        return answer([
            ("clientDataJSON", Base64URL.encode(clientData)), ("authenticatorData", Base64URL.encode(data)),
            ("signature", Base64URL.encode(Self.der(signature))), ("userHandle", userHandle ?? ""),
        ])
    }

    private func answer(_ response: [(String, String)]) -> String {
        let members = response.map { JSON.Member($0.0, .string($0.1)) }
        let json: JSON = [
            "id": .string(credentialID), "rawId": .string(credentialID), "type": "public-key",
            "response": .object(members), "clientExtensionResults": [:],
        ]
        return json.text
    }

    private func clientData(_ type: String, _ options: JSON, _ origin: String) -> [UInt8] {
        let json: JSON = [
            "type": .string(type), "challenge": options["challenge"] ?? "", "origin": .string(origin),
            "crossOrigin": false,
        ]
        return json.bytes
    }

    private func authenticatorData(_ relyingParty: String, _ flags: UInt8) -> [UInt8] {
        SHA256.hash(relyingParty) + [flags] + (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * $0)) }
    }

    private var coseKey: [UInt8] {
        guard case .p256(let x, let y) = key.verificationKey.components else { return [] }
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20] + x + [0x22, 0x58, 0x20] + y
    }

    private static func text(_ text: String) -> [UInt8] { [0x60 | UInt8(text.utf8.count)] + text.utf8 }

    /// RFC 3279 §2.2.3.
    private static func der(_ signature: [UInt8]) -> [UInt8] {
        let numbers = [signature[..<32], signature[32...]].flatMap { number -> [UInt8] in
            let digits = Array(number.drop { $0 == 0 })
            let positive = (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits
            return [0x02, UInt8(positive.count)] + positive
        }
        return [0x30, UInt8(numbers.count)] + numbers
    }
}
