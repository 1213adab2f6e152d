import Cryptography
package import Wire

/// Keys that are published or were read together (RFC 7517 §5).
package struct JWKSet: Sendable {
    package let keys: [JWK]

    package init(_ keys: [JWK]) {
        self.keys = keys
    }

    /// Reads a published set. Keys of kinds that we do not support are left out, as §5 asks; a set without `keys` is
    /// an error.
    package init(_ json: JSON) throws(JOSEError) {
        guard let keys = json["keys"]?.array else { throw .malformed }
        // A foreign set may hold encryption keys and curves of tomorrow; they must not spoil the ones we can use.
        self.init(keys.compactMap { try? JWK($0) })
    }

    /// The JSON to publish.
    package var json: JSON { ["keys": .array(keys.map(\.json))] }

    /// The key that a header means: the one with its `kid`; without `kid`, the only key of its algorithm.
    package func key(for header: JWS.Header) throws(JOSEError) -> JWK {
        let candidates = keys.filter { candidate in
            guard candidate.key.algorithm.rawValue == header.algorithm else { return false }
            guard let keyID = header.keyID else { return true }
            return candidate.keyID?.isByteEqual(to: keyID) ?? false
        }
        guard candidates.count == 1, let key = candidates.first else { throw .unknownKey }
        return key
    }
}
