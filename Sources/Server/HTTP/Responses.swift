package import HTTPTypes
package import HummingbirdCore
import NIOCore
import Wire

/// The forms in which this server answers. Every answer that holds something personal or secret is `no-store`
/// (RFC 6749 §5.1); every answer refuses sniffing and referrers.
extension Response {
    /// A JSON answer.
    package static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok, isCacheable: Bool = false) -> Response
    {
        answer(bytes, type: "application/json", status: status, isCacheable: isCacheable)
    }

    /// An HTML page; its policy header is set by the page's renderer.
    package static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        answer(Array(text.utf8), type: "text/html; charset=utf-8", status: status, isCacheable: false)
    }

    /// An XML answer, as CAS gives (CAS 3.0 §2.5).
    package static func xml(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        answer(bytes, type: "application/xml; charset=utf-8", status: status, isCacheable: false)
    }

    /// 303: the browser goes there with GET, whatever the method was (RFC 9700 §4.12).
    /// - Parameter location: An absolute or origin-relative URL that came from configuration or registration.
    package static func seeOther(_ location: String) -> Response {
        var response = Response(status: .seeOther, headers: [.location: location, .cacheControl: "no-store"])
        response.addCommonHeaders()
        return response
    }

    /// The same answer with one more cookie.
    package func settingCookie(_ value: String) -> Response {
        var copy = self
        copy.headers.append(HTTPField(name: .setCookie, value: value))
        return copy
    }

    /// The same answer with one header field replaced.
    package func setting(_ name: HTTPField.Name, to value: String) -> Response {
        var copy = self
        copy.headers[name] = value
        return copy
    }

    private static func answer(
        _ bytes: [UInt8], type: String, status: HTTPResponse.Status, isCacheable: Bool
    ) -> Response {
        var response = Response(
            status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        if !isCacheable { response.headers[.cacheControl] = "no-store" }
        response.addCommonHeaders()
        return response
    }

    mutating func addCommonHeaders() {
        headers[.xContentTypeOptions] = "nosniff"
        headers[.referrerPolicy] = "no-referrer"
    }
}

extension HTTPField.Name {
    /// Fetch §3.6: what a page may send in `Referer`; ours never leak a code or a ticket.
    static let referrerPolicy = unsafeLiteral("Referrer-Policy")
    /// Clickjacking on browsers without `frame-ancestors`.
    static let xFrameOptions = unsafeLiteral("X-Frame-Options")
    /// HTML §7.1.3: keeps other sites' windows apart from ours.
    static let crossOriginOpenerPolicy = unsafeLiteral("Cross-Origin-Opener-Policy")
    /// What a proxy says whom it speaks for.
    static let xForwardedFor = unsafeLiteral("X-Forwarded-For")

    private static func unsafeLiteral(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name(name.description) else { preconditionFailure("not a field name") }
        return name
    }
}
