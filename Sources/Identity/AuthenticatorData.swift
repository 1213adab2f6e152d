import Cryptography
import Wire

/// What an authenticator says and signs (WebAuthn Level 3 §6.1).
struct AuthenticatorData: Equatable, Sendable {
    let relyingPartyIDHash: [UInt8]
    let flags: Flags
    let signatureCounter: Int64
    /// In an answer to a registration.
    let attested: AttestedCredential?

    struct Flags: OptionSet, Equatable, Sendable {
        let rawValue: UInt8
        static let userPresent = Flags(rawValue: 0x01)
        static let userVerified = Flags(rawValue: 0x04)
        static let backupEligible = Flags(rawValue: 0x08)
        static let backedUp = Flags(rawValue: 0x10)
        static let attestedCredential = Flags(rawValue: 0x40)
        static let extensions = Flags(rawValue: 0x80)
    }

    /// §6.5.1.
    struct AttestedCredential: Equatable, Sendable {
        let aaguid: [UInt8]
        let credentialID: [UInt8]
        /// CBOR that is not judged yet.
        let publicKey: [UInt8]
    }

    /// Reads the bytes; nothing may be left over.
    init(_ bytes: [UInt8]) throws(PasskeyError) {
        guard bytes.count >= 37, bytes.count <= 65_536 else { throw .malformed }
        relyingPartyIDHash = Array(bytes[..<32])
        flags = Flags(rawValue: bytes[32])
        signatureCounter = bytes[33..<37].reduce(0) { $0 << 8 | Int64($1) }
        var rest = bytes[37...]
        attested = flags.contains(.attestedCredential) ? try Self.attested(&rest) : nil
        if flags.contains(.extensions) {
            let item = try Self.item(&rest)
            // What extensions say is not asked for; they have to be there all the same.
            guard item.entries != nil else { throw .malformed }
        }
        guard rest.isEmpty else { throw .malformed }
    }

    private static func attested(_ rest: inout ArraySlice<UInt8>) throws(PasskeyError) -> AttestedCredential {
        let aaguid = try take(16, &rest)
        let length = try take(2, &rest).reduce(0) { $0 << 8 | Int($1) }
        guard (1...1_023).contains(length) else { throw .malformed }
        let credentialID = try take(length, &rest)
        let keyStart = rest.startIndex
        let bytes = rest
        _ = try item(&rest)
        return AttestedCredential(
            aaguid: aaguid, credentialID: credentialID, publicKey: Array(bytes[keyStart..<rest.startIndex]))
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(PasskeyError) -> [UInt8] {
        guard rest.count >= count else { throw .malformed }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private static func item(_ rest: inout ArraySlice<UInt8>) throws(PasskeyError) -> CBOR {
        do {
            let (item, end) = try CBOR.parsePrefix(of: rest)
            rest = rest[end...]
            return item
        } catch { throw .malformed }
    }

    /// The steps that §7.1 (14 to 18) and §7.2 (15 to 19) share: for whom, and what the person did.
    func check(_ relyingParty: RelyingParty) throws(PasskeyError) {
        guard relyingPartyIDHash == SHA256.hash(relyingParty.id) else { throw .wrongRelyingParty }
        guard flags.contains(.userPresent) else { throw .notPresent }
        guard !relyingParty.requiresUserVerification || flags.contains(.userVerified) else { throw .notVerified }
        guard flags.contains(.backupEligible) || !flags.contains(.backedUp) else { throw .inconsistentBackup }
    }
}
