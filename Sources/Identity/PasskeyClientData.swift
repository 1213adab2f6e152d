import Cryptography
import Wire

/// What the browser adds to what the authenticator signs (WebAuthn Level 3 §5.8.1).
struct PasskeyClientData: Equatable, Sendable {
    let type: String
    /// As the page had it: base64url.
    let challenge: String
    let origin: String
    let crossOrigin: Bool
    let topOrigin: String?
    /// SHA-256 of its bytes.
    let hash: [UInt8]

    /// Reads the bytes. Members that are not known are none of our business (§5.8.1.2).
    init(_ bytes: [UInt8]) throws(PasskeyError) {
        let json: JSON
        do { json = try JSON.parse(bytes, maximumDepth: 8) } catch { throw .malformed }
        guard let type = json["type"]?.string, let challenge = json["challenge"]?.string,
            let origin = json["origin"]?.string
        else { throw .malformed }
        (self.type, self.challenge, self.origin) = (type, challenge, origin)
        crossOrigin = try Self.optional(json["crossOrigin"], \.bool) ?? false
        topOrigin = try Self.optional(json["topOrigin"], \.string)
        hash = SHA256.hash(bytes)
    }

    /// Under which the challenge is stored.
    var challengeHash: String { OpaqueToken.hash(of: challenge) }

    private static func optional<Value>(
        _ json: JSON?, _ read: (JSON) -> Value?
    ) throws(PasskeyError) -> Value? {
        guard let json else { return nil }
        guard let value = read(json) else { throw .malformed }
        return value
    }

    /// §7.1 steps 7 to 12, §7.2 steps 10 to 15.
    func check(
        _ wanted: StaticString, _ challenge: PasskeyChallenge, purpose: PasskeyChallenge.Purpose,
        _ relyingParty: RelyingParty
    ) throws(PasskeyError) {
        guard type.isByteEqual(to: wanted.description) else { throw .wrongType }
        guard challenge.purpose == purpose,
            ConstantTime.equal(challengeHash, challenge.hash)
        else { throw .wrongChallenge }
        guard origin.isByteEqual(to: relyingParty.origin) else { throw .wrongOrigin }
        // None of our pages may be framed, so an answer from a frame was not asked for by us.
        guard !crossOrigin, topOrigin == nil else { throw .crossOrigin }
    }
}

/// The members that both kinds of answer have (WebAuthn Level 3 §5.1.8, `PublicKeyCredentialJSON`).
struct PasskeyAnswer {
    let credentialID: [UInt8]
    let clientData: PasskeyClientData
    let response: JSON

    /// Bytes of an answer at most; the largest that authenticators are known to give stay far below.
    static let maximumLength = 32_768

    /// - Parameter text: What the page's script put into the form.
    init(_ text: String) throws(PasskeyError) {
        guard text.utf8.count <= Self.maximumLength else { throw .malformed }
        let json: JSON
        do { json = try JSON.parse(Array(text.utf8), maximumDepth: 8) } catch { throw .malformed }
        guard json["type"]?.string == "public-key", let response = json["response"] else { throw .malformed }
        credentialID = try Self.bytes(json["rawId"])
        guard (1...1_023).contains(credentialID.count), try Self.bytes(json["id"]) == credentialID else {
            throw .malformed
        }
        clientData = try PasskeyClientData(try Self.bytes(response["clientDataJSON"]))
        self.response = response
    }

    /// The bytes of a base64url text.
    static func bytes(_ json: JSON?) throws(PasskeyError) -> [UInt8] {
        guard let text = json?.string else { throw .malformed }
        do { return try Base64URL.decode(text) } catch { throw .malformed }
    }
}
