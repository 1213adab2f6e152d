package import HTTPTypes
package import HummingbirdCore

/// In whose words a route's errors are told.
package enum ErrorShape: Sendable {
    /// A page for a person.
    case page
    /// RFC 6749 §5.2: `{"error": …, "error_description": …}`.
    case oauth
    /// RFC 6750 §3: the same body, and `WWW-Authenticate: Bearer`.
    case bearer
    /// CAS 3.0 §2.5.2: `authenticationFailure`.
    case cas
    /// Text for programs that only look at the status.
    case plain
}

/// One address with the endpoint that answers it.
package struct Route: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let shape: ErrorShape
    /// Whether HEAD may run it too: only where GET changes nothing.
    let answersHead: Bool
    let endpoint: @Sendable (Call) async throws -> Response

    /// Binds an endpoint to an address.
    package init(
        _ method: HTTPRequest.Method, _ path: String, shape: ErrorShape = .page, answersHead: Bool = false,
        _ endpoint: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.shape = shape
        self.answersHead = answersHead
        self.endpoint = endpoint
    }
}

/// All routes by exact path. There are no patterns: an address that is not byte-equal to one in the table does not
/// exist, so `;`, `//`, `..` and encoded slashes cannot mean different things to a proxy and to us (peers' class 10).
package struct RouteTable: Sendable {
    private var routes: [String: [Route]] = [:]

    /// Builds the table; a path and method given twice is a programmer's mistake.
    package init(_ all: [Route]) {
        for route in all {
            precondition(routes[route.path]?.contains { $0.method == route.method } != true, "route given twice")
            routes[route.path, default: []].append(route)
        }
    }

    /// What a method and path lead to.
    enum Match {
        case route(Route)
        case methodNotAllowed(ErrorShape, allowed: String)
        case none
    }

    func match(_ method: HTTPRequest.Method, path: String) -> Match {
        guard let candidates = routes[path], let first = candidates.first else { return .none }
        if let route = candidates.first(where: { $0.method == method }) { return .route(route) }
        if method == .head, let route = candidates.first(where: { $0.method == .get && $0.answersHead }) {
            return .route(route)
        }
        let heads = candidates.contains { $0.method == .get && $0.answersHead } ? ["HEAD"] : []
        let allowed = (candidates.map(\.method.rawValue) + heads).sorted().joined(separator: ", ")
        return .methodNotAllowed(first.shape, allowed: allowed)
    }
}
