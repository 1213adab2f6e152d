import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

/// Why a request got no answer. It carries nothing of the request, so it may be logged.
package enum OutboundError: Error, Equatable, Sendable {
    /// The URL is not absolute, or has a user name in it.
    case invalidURL
    /// The URL is not https, and it is not http on loopback with leave.
    case insecure
    /// The host is, or resolves to, an address that may not be called.
    case forbiddenAddress
    /// The host name has no address.
    case unresolvable
    /// Nobody listens there, or the connection broke.
    case unreachable
    /// The certificate is not trusted, not valid now, or for another name.
    case untrusted
    /// The answer did not come in time.
    case timedOut
    /// The answer is longer than allowed.
    case responseTooLarge
    /// The configured authorities are no PEM certificates.
    case unreadableCertificates

    /// What a library's error means in these words.
    static func telling(_ error: any Error) -> any Error {
        switch error {
        case let error as OutboundError: error
        case is CancellationError: error
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: OutboundError.untrusted
        case let error as HTTPClientError where timeouts.contains(error): OutboundError.timedOut
        case let error as NIOConnectionError where error.connectionErrors.contains(where: \.isTimeout):
            OutboundError.timedOut
        default: OutboundError.unreachable
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .connectTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout, .readTimeout, .tlsHandshakeTimeout,
        .writeTimeout,
    ]
}

extension SingleConnectionFailure {
    fileprivate var isTimeout: Bool {
        if case .connectTimeout = error as? ChannelError { true } else { false }
    }
}
