import CAS
import Directory
import HTTPTypes
import HummingbirdCore
import OAuth2
import Storage
import Wire

/// A page that says why a person cannot go on. The triple of texts is one of `Templates/README.md`.
struct PageProblem: Error, Equatable {
    /// Which triple of texts.
    enum Kind: String {
        case notFound = "NotFound"
        case badRequest = "BadRequest"
        case applicationUnknown = "ApplicationUnknown"
        case applicationRefused = "ApplicationRefused"
        case signInExpired = "SignInExpired"
        case formExpired = "FormExpired"
        case notPermitted = "NotPermitted"
        case tooMany = "TooMany"
        case tooLarge = "TooLarge"
        case unavailable = "Unavailable"
        case unexpected = "Unexpected"
    }

    let kind: Kind
    let status: HTTPResponse.Status
    /// For the developer of an application: a fixed sentence.
    var detail: String?
    /// The application's name, where the text names one.
    var application: String?

    init(_ kind: Kind, _ status: HTTPResponse.Status, detail: String? = nil, application: String? = nil) {
        self.kind = kind
        self.status = status
        self.detail = detail
        self.application = application
    }

    /// The interaction is gone, or is another browser's.
    static let signInExpired = PageProblem(.signInExpired, .badRequest)
    /// The form's token is missing or wrong.
    static let formExpired = PageProblem(.formExpired, .forbidden)
    /// The person has no role that allows it.
    static let notPermitted = PageProblem(.notPermitted, .forbidden)
}

/// Turns whatever an endpoint threw into the answer that its route's callers understand.
struct ErrorAnswer {
    var shape: ErrorShape
    let pages: Pages
    let requestID: String
    var language: Language = .chinese
    var tenant: Tenant?

    init(shape: ErrorShape, pages: Pages, requestID: String) {
        self.shape = shape
        self.pages = pages
        self.requestID = requestID
    }

    func response(to error: any Error) -> Response {
        let response =
            switch shape {
            case .page: page(Self.problem(of: error))
            case .oauth: oauth(Self.oauthError(of: error), error)
            case .bearer: bearer(error)
            case .cas: cas(error)
            case .plain: Response(status: Self.problem(of: error).status, headers: [.cacheControl: "no-store"])
            }
        return response.withRefusalHeaders(error)
    }

    // MARK: - Pages

    private func page(_ problem: PageProblem) -> Response {
        let name = "error\(problem.kind.rawValue)"
        let values = ["application": problem.application ?? ""]
        var fields: PageFields = [
            "errorTitle": pages.text("\(name)Title", language),
            "errorMessage": pages.text("\(name)Message", language, filling: values),
            "errorHint": pages.text("\(name)Hint", language), "requestID": requestID,
        ]
        if let detail = problem.detail { fields["errorDetail"] = detail }
        if tenant != nil {
            fields["errorActionHref"] = Path.portal
            fields["errorActionText"] = pages.text("errorBackToPortal", language)
        }
        let frame = Pages.Frame(
            language: language, tenantName: tenant?.name ?? pages.text("productName", language), address: Path.portal)
        return pages.render("error", fields, in: frame, status: problem.status)
    }

    private static func problem(of error: any Error) -> PageProblem {
        switch error {
        case let problem as PageProblem: problem
        case let refusal as RequestRefusal: problem(of: refusal)
        case let error as OAuth2Error where error.code == .serverError: PageProblem(.unexpected, .internalServerError)
        case let error as OAuth2Error:
            PageProblem(.applicationUnknown, .badRequest, detail: error.description)
        case let error as RequestParametersError:
            PageProblem(.badRequest, .badRequest, detail: sentence(of: error))
        // The only refusal of a CAS login that is thrown: nothing of the request was understood.
        case LoginRefusal.repeatedParameter:
            PageProblem(.badRequest, .badRequest, detail: "a parameter occurs more than once")
        case let error as DatabaseError where isUnavailable(error):
            PageProblem(.unavailable, .serviceUnavailable)
        default: PageProblem(.unexpected, .internalServerError)
        }
    }

    private static func problem(of refusal: RequestRefusal) -> PageProblem {
        let kind: PageProblem.Kind =
            switch refusal.status {
            case .notFound, .methodNotAllowed, .misdirectedRequest: .notFound
            case .contentTooLarge: .tooLarge
            case .tooManyRequests: .tooMany
            case .serviceUnavailable: .unavailable
            default: .badRequest
            }
        return PageProblem(kind, refusal.status, detail: refusal.reason)
    }

    // MARK: - Protocols

    private func oauth(_ error: OAuth2Error, _ cause: any Error) -> Response {
        var response = Response.json(error.json, status: Self.status(of: error, cause))
        if let challenge = error.challenge(realm: tenant?.issuer ?? "gatehouse") {
            response.headers[.wwwAuthenticate] = challenge
        }
        return response
    }

    /// RFC 6750 §3.1: without any token there is a challenge and no error.
    private func bearer(_ error: any Error) -> Response {
        guard error is MissingBearerToken else { return oauth(Self.oauthError(of: error), error) }
        var response = Response.json(Array("{}".utf8), status: .unauthorized)
        response.headers[.wwwAuthenticate] = OAuth2Error.bearerChallenge(realm: tenant?.issuer ?? "gatehouse")
        return response
    }

    private static func oauthError(of error: any Error) -> OAuth2Error {
        switch error {
        case let error as OAuth2Error: return error
        case RequestParametersError.repeated: return OAuth2Error(.invalidRequest, "a parameter occurs more than once")
        case is RequestParametersError: return OAuth2Error(.invalidRequest, "the parameters do not decode")
        case let refusal as RequestRefusal where refusal.status != .serviceUnavailable:
            return OAuth2Error(.invalidRequest, literal(of: refusal))
        case is RequestRefusal: return OAuth2Error(.temporarilyUnavailable, "the server is busy; try again")
        case let error as DatabaseError where isUnavailable(error):
            return OAuth2Error(.temporarilyUnavailable, "the store cannot be reached; try again")
        default: return OAuth2Error(.serverError, "the request failed")
        }
    }

    private static func literal(of refusal: RequestRefusal) -> StaticString {
        switch refusal.status {
        case .contentTooLarge: "the body is too large"
        case .requestTimeout: "the body did not arrive in time"
        case .unsupportedMediaType: "the body must be application/x-www-form-urlencoded"
        case .methodNotAllowed: "the method is not supported here"
        default: "the request cannot be read"
        }
    }

    private static func status(of error: OAuth2Error, _ cause: any Error) -> HTTPResponse.Status {
        if let refusal = cause as? RequestRefusal { return refusal.status }
        return switch error.code {
        case .invalidClient, .invalidToken: .unauthorized
        case .insufficientScope: .forbidden
        case .serverError: .internalServerError
        case .temporarilyUnavailable: .serviceUnavailable
        default: .badRequest
        }
    }

    /// CAS tells failures in a body; where HTTP has something to say, its status says it too.
    private func cas(_ error: any Error) -> Response {
        let problem = Self.problem(of: error)
        let isOurs = problem.status.kind == .serverError
        let failure =
            isOurs
            ? CASError(.internalError, "the validation could not be finished")
            : CASError(.invalidRequest, "the request cannot be read")
        let status = error is RequestParametersError ? HTTPResponse.Status.ok : problem.status
        return .xml(ServiceResponse.failure(failure).body(.xml), status: status)
    }

    // MARK: - What the log is told

    /// Whether somebody has to do something about it.
    static func isFault(_ error: any Error) -> Bool {
        switch error {
        case is PageProblem, is RequestRefusal, is RequestParametersError, is MissingBearerToken, is LoginRefusal: false
        case let error as OAuth2Error: error.code == .serverError
        default: true
        }
    }

    /// A short stable name.
    static func logName(of error: any Error) -> String {
        switch error {
        case let problem as PageProblem: "page.\(problem.kind.rawValue)"
        case let error as OAuth2Error: error.code.rawValue
        case let refusal as RequestRefusal: "http.\(refusal.status.code)"
        case is RequestParametersError, is LoginRefusal: "parameters"
        case is MissingBearerToken: "no_token"
        case is DatabaseError: "database"
        default: "unexpected"
        }
    }

    /// What a fault says of itself: our own types hold no request data, of others only the type is told.
    static func faultText(of error: any Error) -> String {
        if let error = error as? DatabaseError { return error.description }
        if let error = error as? OAuth2Error { return error.description }
        return "\(type(of: error))"
    }

    private static func sentence(of error: RequestParametersError) -> String {
        switch error {
        case .repeated: "a parameter occurs more than once"
        case .malformed: "the parameters do not decode"
        }
    }

    /// Seconds after which a store that failed may be back.
    fileprivate static let storeRetry = 5

    fileprivate static func isUnavailable(_ error: DatabaseError) -> Bool {
        switch error {
        case .unavailable, .busy: true
        case .uniqueViolation, .unexpectedValue, .failed: false
        }
    }
}

/// A protected resource was asked without any token.
struct MissingBearerToken: Error {}

extension Response {
    /// Adds what a refusal says in headers.
    fileprivate func withRefusalHeaders(_ error: any Error) -> Response {
        var copy = self
        if let error = error as? DatabaseError, ErrorAnswer.isUnavailable(error) {
            copy.headers[.retryAfter] = String(ErrorAnswer.storeRetry)
        }
        guard let refusal = error as? RequestRefusal else { return copy }
        if !refusal.allowedMethods.isEmpty { copy.headers[.allow] = refusal.allowedMethods }
        if let seconds = refusal.retryAfter { copy.headers[.retryAfter] = String(seconds) }
        return copy
    }
}
