import Cryptography

/// The signature of a request by access key and secret key, as Huawei Cloud specifies it ("API Request Signing
/// Guide"): algorithm `SDK-HMAC-SHA256`.
struct HuaweiRequestSignature: Sendable {
    static let algorithm = "SDK-HMAC-SHA256"
    /// The header that holds the time of the signature; the vendor accepts fifteen minutes of difference.
    static let dateHeader = "X-Sdk-Date"

    private(set) var request: CanonicalRequest

    /// - Parameter request: Its headers hold ``dateHeader`` and `Host`.
    init(_ request: CanonicalRequest) {
        self.request = request
        // The canonical form of a path ends with `/` whether or not the path does.
        if !request.path.hasSuffix("/") { self.request.path += "/" }
    }

    /// The value of the `Authorization` header.
    ///
    /// - Parameter date: The value of ``dateHeader``: `YYYYMMDDTHHMMSSZ`.
    func authorization(_ key: AccessKey, date: String) -> String {
        let signature = HMACSHA256.authenticate(Array(stringToSign(date: date).utf8), key: Array(key.secret.utf8))
        return "\(Self.algorithm) Access=\(key.id), SignedHeaders=\(request.signedHeaders), "
            + "Signature=\(hexadecimal(signature))"
    }

    func stringToSign(date: String) -> String {
        [Self.algorithm, date, request.hash].joined(separator: "\n")
    }
}
