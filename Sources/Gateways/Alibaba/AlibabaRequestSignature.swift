import Cryptography

/// The signature of a request to Alibaba Cloud ("V3 版本请求体&签名机制", in English "Request syntax and signature method
/// V3"): algorithm `ACS3-HMAC-SHA256`.
struct AlibabaRequestSignature: Sendable {
    static let algorithm = "ACS3-HMAC-SHA256"

    /// Its headers are `host`, and every header that begins with `x-acs-`.
    let request: CanonicalRequest

    var stringToSign: String { Self.algorithm + "\n" + request.hash }

    /// The value of the `Authorization` header.
    func authorization(_ key: AccessKey) -> String {
        let signature = HMACSHA256.authenticate(Array(stringToSign.utf8), key: Array(key.secret.utf8))
        return "\(Self.algorithm) Credential=\(key.id),SignedHeaders=\(request.signedHeaders),"
            + "Signature=\(hexadecimal(signature))"
    }
}
