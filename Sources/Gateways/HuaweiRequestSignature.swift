import Cryptography
import Wire

/// The signature of a request by access key and secret key, as Huawei Cloud specifies it ("API Request Signing
/// Guide"): algorithm `SDK-HMAC-SHA256`.
///
/// Every header given here is signed, so only those are given that no proxy changes.
struct HuaweiRequestSignature: Sendable {
    static let algorithm = "SDK-HMAC-SHA256"
    /// The header that holds the time of the signature; the vendor accepts fifteen minutes of difference.
    static let dateHeader = "X-Sdk-Date"

    var method: String
    /// The path, still encoded; the canonical form ends with `/` whether or not the path does.
    var path: String
    /// Decoded names and values.
    var query: [FormURLEncoded.Pair] = []
    /// Must hold ``dateHeader`` and `Host`, as they are sent.
    var headers: [(name: String, value: String)]
    var body: [UInt8] = []

    /// The value of the `Authorization` header.
    ///
    /// - Parameter date: The value of ``dateHeader``: `YYYYMMDDTHHMMSSZ`.
    func authorization(accessKey: String, secretKey: String, date: String) -> String {
        let signature = HMACSHA256.authenticate(Array(stringToSign(date: date).utf8), key: Array(secretKey.utf8))
        return "\(Self.algorithm) Access=\(accessKey), SignedHeaders=\(signedHeaders), "
            + "Signature=\(hexadecimal(signature))"
    }

    /// Method, path, query, headers, names of headers, hash of the body; a line each, the headers with one more.
    var canonicalRequest: String {
        let fields = sortedHeaders.map { "\($0.name):\($0.value)\n" }.joined()
        let canonicalPath = path.hasSuffix("/") ? path : path + "/"
        return [method, canonicalPath, canonicalQuery, fields, signedHeaders, hexadecimal(SHA256.hash(body))]
            .joined(separator: "\n")
    }

    func stringToSign(date: String) -> String {
        [Self.algorithm, date, hexadecimal(SHA256.hash(canonicalRequest))].joined(separator: "\n")
    }

    /// Sorted by the encoded form.
    private var canonicalQuery: String {
        query.map { PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value) }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .joined(separator: "&")
    }

    private var sortedHeaders: [(name: String, value: String)] {
        headers.map { ($0.name.lowercased(), $0.value) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }

    private var signedHeaders: String { sortedHeaders.map(\.name).joined(separator: ";") }
}

/// Lower-case hexadecimal, as the vendor writes digests.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
