import Cryptography
import Wire

/// A request in the form that Huawei, Alibaba and Tencent Cloud sign: all three took over that of AWS.
///
/// Every header given here is signed, so only those are given that no proxy changes.
struct CanonicalRequest: Sendable {
    var method = "POST"
    /// The path, still encoded.
    var path = "/"
    /// Decoded names and values.
    var query: [FormURLEncoded.Pair] = []
    /// As they are sent.
    var headers: [(name: String, value: String)]
    var body: [UInt8] = []

    /// Method, path, query, headers, names of headers, hash of the body; a line each, the headers with one more.
    var text: String {
        let fields = sortedHeaders.map { "\($0.name):\($0.value)\n" }.joined()
        return [method, path, queryText, fields, signedHeaders, bodyHash].joined(separator: "\n")
    }

    /// Lower-case hexadecimal SHA-256.
    var hash: String { hexadecimal(SHA256.hash(text)) }
    var bodyHash: String { hexadecimal(SHA256.hash(body)) }

    /// Sorted by the encoded form; also what is sent.
    var queryText: String {
        query.map { PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .joined(separator: "&")
    }

    /// `host;x-date`
    var signedHeaders: String { sortedHeaders.map(\.name).joined(separator: ";") }

    private var sortedHeaders: [(name: String, value: String)] {
        headers.map { ($0.name.lowercased(), $0.value) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }
}

/// Lower-case hexadecimal, as the vendors write digests.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
