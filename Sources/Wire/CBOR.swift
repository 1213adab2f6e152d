/// A CBOR data item (RFC 8949) of the kind that authenticators write: the subset of CTAP 2.1 §8 without numbers that
/// have a fraction.
///
/// ```swift
/// let object = try CBOR.parse(attestationObject)
/// object["fmt"]?.text          // "none"
/// object["authData"]?.bytes
/// ```
package indirect enum CBOR: Equatable, Sendable {
    case unsigned(UInt64)
    /// The number −1 − n.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBOR])
    /// Entries in the order in which they were written; no key occurs twice.
    case map([Entry])
    case bool(Bool)
    case null

    /// One key and its value.
    package struct Entry: Equatable, Sendable {
        package var key: CBOR
        package var value: CBOR

        package init(_ key: CBOR, _ value: CBOR) {
            self.key = key
            self.value = value
        }
    }
}

// MARK: - Reading

extension CBOR {
    /// The value under a text; nil when this is not a map or has no such key.
    package subscript(_ key: String) -> CBOR? {
        entries?.first { $0.key.text?.isByteEqual(to: key) ?? false }?.value
    }

    /// The value under a number, as COSE has it.
    package subscript(_ key: Int64) -> CBOR? {
        entries?.first { $0.key.integer == key }?.value
    }

    /// The number; nil for another kind of item, and for one outside 64 bits.
    package var integer: Int64? {
        switch self {
        case .unsigned(let value): Int64(exactly: value)
        case .negative(let value): Int64(exactly: value).map { -1 - $0 }
        default: nil
        }
    }

    /// The bytes, when this is a byte string.
    package var bytes: [UInt8]? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes
    }

    /// The text, when this is a text string.
    package var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    /// The entries, when this is a map.
    package var entries: [Entry]? {
        guard case .map(let entries) = self else { return nil }
        return entries
    }
}
