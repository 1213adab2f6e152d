package import Directory
package import FoundationEssentials
package import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import Synchronization
package import Wire

/// One request as an endpoint sees it: what HTTP and the tenant's host name have settled before any protocol rule.
package struct Call: Sendable {
    /// The method; a HEAD request arrives as GET.
    package let method: HTTPRequest.Method
    /// The path as it was sent; equal to one of ``Path``.
    package let path: String
    /// What follows `?`, still encoded.
    package let query: String?
    /// The tenant whose host was called, with its policy and keys.
    package let served: ServedTenant
    /// Whom the request came from, through declared proxies only.
    package let client: IPAddress
    /// Correlates the answer, the log line and the error page.
    package let requestID: String
    /// Carries `request_id`, `tenant`.
    package let logger: Logger
    /// The one time of this request, whole seconds.
    package let now: Date

    /// Who turned out to be signed in.
    let person = CallPerson()
    let head: HTTPRequest
    let body: RequestBody
    let limits: BodyLimits

    /// The parameters of the query string; the body of this request is not read.
    /// - Throws: ``RequestParametersError`` for bad escapes, NUL, invalid UTF-8.
    package func queryParameters() throws(RequestParametersError) -> RequestParameters {
        try RequestParameters(query: query)
    }

    /// The parameters of the query string and of the form in the body, together, so that a name in both counts as
    /// repeated (peers' class 2).
    /// - Throws: ``RequestRefusal`` for a body that is no form, too large or too slow; ``RequestParametersError``.
    package func formParameters() async throws -> RequestParameters {
        guard hasFormBody else { throw RequestRefusal.notAForm }
        return try RequestParameters(query: query, body: try await collectBody())
    }

    /// The parameters of a form of one of our own pages. They have no query: what a person types belongs into the body
    /// alone, where no log keeps it.
    package func pageForm() async throws -> RequestParameters {
        guard query?.isEmpty ?? true else { throw RequestRefusal(.badRequest, "a form has no query") }
        return try await formParameters()
    }

    /// A header field's value, several lines joined by a comma.
    package func header(_ name: HTTPField.Name) -> String? { head.headerFields[name] }

    /// How often a header field occurs: some must not occur twice.
    package func count(of name: HTTPField.Name) -> Int { head.headerFields[values: name].count }

    /// The value of one of our cookies, or nil.
    package func cookie(_ cookie: Cookie) -> String? {
        cookie.value(in: head.headerFields[.cookie])
    }

    /// The tenant whose host was called.
    package var tenant: Tenant { served.tenant }

    /// The tenant's lifetimes and limits.
    package var policy: TenantPolicy { served.policy }

    /// Whether the tenant is served over https; decides cookie names and Secure.
    package var isSecure: Bool { served.isSecure }

    /// `application/x-www-form-urlencoded`, with or without parameters such as charset.
    private var hasFormBody: Bool {
        guard let type = head.headerFields[.contentType] else { return false }
        let essence = type.utf8.prefix { $0 != UInt8(ascii: ";") }.drop { $0 == UInt8(ascii: " ") }
        let name = essence.prefix { $0 != UInt8(ascii: " ") }
        guard essence[name.endIndex...].allSatisfy({ $0 == UInt8(ascii: " ") }) else { return false }
        // The case of ASCII letters is this bit.
        return name.elementsEqual("application/x-www-form-urlencoded".utf8) { given, wanted in
            given == wanted || ((0x41...0x5A).contains(given) && given | 0x20 == wanted)
        }
    }

    /// Reads the whole body within the limits of size and time.
    private func collectBody() async throws -> [UInt8] {
        if let announced = head.headerFields[.contentLength].flatMap({ Int($0) }), announced > limits.size {
            throw RequestRefusal.bodyTooLarge
        }
        let body = body
        let limits = limits
        return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                do {
                    return Array(try await body.collect(upTo: limits.size).readableBytesView)
                } catch is NIOTooManyBytesError {
                    throw RequestRefusal.bodyTooLarge
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(limits.time))
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let bytes = first else { throw RequestRefusal.bodyTooSlow }
            return bytes
        }
    }
}

/// How much body a request may have and how long it may take to arrive.
package struct BodyLimits: Sendable {
    /// Bytes.
    package let size: Int
    /// Seconds.
    package let time: Double
}

/// What is known, once the session has been read, of the person whose request it is: how to speak to them.
///
/// A call is a value that is passed on; this is the one part of it that is learnt on the way.
final class CallPerson: Sendable {
    private let choice = Mutex<Language?>(nil)

    /// The language that the person chose; nil before the session is read, and for nobody's or no choice.
    var language: Language? {
        get { choice.withLock { $0 } }
        set { choice.withLock { $0 = newValue } }
    }
}
