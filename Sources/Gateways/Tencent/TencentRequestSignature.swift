import Cryptography
import FoundationEssentials

/// The signature of a request to Tencent Cloud ("签名方法 v3", in English "Signature v3"): algorithm `TC3-HMAC-SHA256`.
///
/// The key is derived for one day and one service, so that a leaked one is worth little.
struct TencentRequestSignature: Sendable {
    static let algorithm = "TC3-HMAC-SHA256"
    private static let terminator = "tc3_request"

    let request: CanonicalRequest
    /// The first label of the vendor's host names: `sms`.
    let service: String
    /// Also sent as `X-TC-Timestamp`; the vendor accepts five minutes of difference.
    let time: Date

    /// - Parameter request: Its headers are `Content-Type` and `Host`, and others that are to be signed. The vendor
    ///   signs their values in lower case.
    init(_ request: CanonicalRequest, service: String, time: Date) {
        var request = request
        request.headers = request.headers.map { ($0.name, $0.value.lowercased()) }
        self.request = request
        self.service = service
        self.time = time
    }

    /// Whole seconds since 1970.
    var timestamp: String { String(Int64(time.timeIntervalSince1970)) }

    var stringToSign: String { [Self.algorithm, timestamp, scope, request.hash].joined(separator: "\n") }

    /// The value of the `Authorization` header.
    func authorization(_ key: AccessKey) -> String {
        var code = Array("TC3\(key.secret)".utf8)
        for part in [date, service, Self.terminator, stringToSign] {
            code = HMACSHA256.authenticate(Array(part.utf8), key: code)
        }
        return "\(Self.algorithm) Credential=\(key.id)/\(scope), SignedHeaders=\(request.signedHeaders), "
            + "Signature=\(hexadecimal(code))"
    }

    /// The day of ``time`` in UTC.
    private var date: String { VendorTime.day(time) }
    private var scope: String { "\(date)/\(service)/\(Self.terminator)" }
}
