import CAS
import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("CAS 3.0 §2.1.1 /login: parameters")
struct LoginParametersTests {
    static let service = "service=https%3A%2F%2Fwiki.example%2Fcas"

    static let readings: [(query: String, request: LoginRequest)] = [
        ("", LoginRequest(service: nil)),
        ("service=", LoginRequest(service: nil)),
        (service, LoginRequest(service: wiki.text)),
        (service + "&renew=true", LoginRequest(service: wiki.text, isRenewed: true)),
        (service + "&renew", LoginRequest(service: wiki.text, isRenewed: true)),
        (service + "&renew=false", LoginRequest(service: wiki.text)),
        (service + "&gateway=true", LoginRequest(service: wiki.text, isGateway: true)),
        (service + "&gateway=", LoginRequest(service: wiki.text, isGateway: true)),
        (service + "&gateway=false", LoginRequest(service: wiki.text)),
        (service + "&method=POST&lang=zh", LoginRequest(service: wiki.text)),
    ]

    @Test("reads service, renew and gateway", arguments: readings)
    func reads(_ query: String, _ expected: LoginRequest) throws {
        #expect(try LoginRequest(parameters(query)) == expected)
    }

    @Test("renew wins over gateway")
    func renewAndGateway() throws {
        let request = try LoginRequest(parameters(Self.service + "&renew=true&gateway=true"))
        #expect(request == LoginRequest(service: wiki.text, isRenewed: true))
    }

    @Test("gateway without a service is as if neither was given")
    func gatewayWithoutService() throws {
        #expect(try LoginRequest(parameters("gateway=true")) == LoginRequest(service: nil))
    }

    @Test(
        "refuses a repeated parameter", .tags(.security),
        arguments: ["service=a&service=a", "service=a&service=", "renew&renew", "gateway=true&gateway=false"])
    func repeated(_ query: String) throws {
        let parameters = try parameters(query)
        #expect(throws: LoginRefusal.repeatedParameter) { try LoginRequest(parameters) }
    }

    @Test(
        "is the same request after it was stored",
        arguments: [
            "", service, service + "&renew=true", service + "&gateway=true",
            "service=https%3A%2F%2Fwiki.example%2F%25E4?a%3D1%26b%3D%2B&renew",
        ])
    func resumes(_ query: String) throws {
        let request = try LoginRequest(parameters(query))
        #expect(try LoginRequest(parameters(request.resume)) == request)
    }
}

@Suite("CAS 3.0 §2.1.1 and §2.2.4 /login: what it answers")
struct LoginDecisionTests {
    static let registered = RegisteredService(
        applicationID: "a-wiki", urls: [wiki], isEnabled: true, ticketLifetime: 180)

    static func session(signedInDuring interactionID: String = "i-0", isRemembered: Bool = false) -> Session {
        let authentication = Authentication(
            userID: "u-alice", at: issued, amr: [.password], interactionID: interactionID)
        return Session(
            id: "s-1", tenantID: "t-1", tokenHash: "hash",
            start: SessionStart(authentication: authentication, isRemembered: isRemembered, replacedSessionID: nil),
            origin: Session.Origin(address: nil, userAgent: nil), now: issued)
    }

    /// One login; the defaults are the accepted one: a session, a registered service, access.
    struct Login: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var request = LoginRequest(service: wiki.text)
        var session: Session? = LoginDecisionTests.session()
        var service: RegisteredService? = LoginDecisionTests.registered
        var access: AccessDecision? = .everyone
        var expected: LoginDecision

        var decision: LoginDecision {
            LoginDecision.decide(request, session: session, service: service, access: access, now: issued + 60)
        }
    }

    static func issue(isFromNewLogin: Bool, isRemembered: Bool = false, expiresAt: Date? = issued + 240)
        -> LoginDecision
    {
        .issue(
            ServiceTicket(
                tenantID: "t-1", applicationID: "a-wiki", service: wiki, userID: "u-alice", sessionID: "s-1",
                authenticatedAt: issued, isFromNewLogin: isFromNewLogin, isFromRememberedSession: isRemembered,
                expiresAt: expiresAt))
    }

    @Test(
        "issues a ticket",
        arguments: [
            Login(testDescription: "from the session", expected: issue(isFromNewLogin: false)),
            Login(
                testDescription: "through gateway from the session",
                request: LoginRequest(service: wiki.text, isGateway: true), expected: issue(isFromNewLogin: false)),
            Login(
                testDescription: "of a remembered session", session: session(isRemembered: true),
                expected: issue(isFromNewLogin: false, isRemembered: true)),
            Login(
                testDescription: "after the sign-in it asked for",
                request: LoginRequest(service: wiki.text, interactionID: "i-1"),
                session: session(signedInDuring: "i-1"), expected: issue(isFromNewLogin: true)),
            Login(
                testDescription: "after the sign-in that renew asked for",
                request: LoginRequest(service: wiki.text, isRenewed: true, interactionID: "i-1"),
                session: session(signedInDuring: "i-1"), expected: issue(isFromNewLogin: true)),
            Login(
                testDescription: "from a session that began in another tab meanwhile",
                request: LoginRequest(service: wiki.text, interactionID: "i-1"),
                session: session(signedInDuring: "i-2"), expected: issue(isFromNewLogin: false)),
            Login(
                testDescription: "that does not expire when lifetimes are off",
                service: RegisteredService(
                    applicationID: "a-wiki", urls: [wiki], isEnabled: true, ticketLifetime: nil),
                expected: issue(isFromNewLogin: false, expiresAt: nil)),
        ])
    func issues(_ login: Login) {
        #expect(login.decision == login.expected)
    }

    @Test(
        "asks for credentials",
        arguments: [
            Login(testDescription: "without a session", session: nil, access: nil, expected: .signIn(.any)),
            Login(
                testDescription: "with renew, session or not",
                request: LoginRequest(service: wiki.text, isRenewed: true), expected: .signIn(.fresh)),
            Login(
                testDescription: "with renew, when the sign-in was another one",
                request: LoginRequest(service: wiki.text, isRenewed: true, interactionID: "i-1"),
                session: session(signedInDuring: "i-2"), expected: .signIn(.fresh)),
            Login(
                testDescription: "with renew and gateway",
                request: LoginRequest(service: wiki.text, isRenewed: true, isGateway: true), session: nil, access: nil,
                expected: .signIn(.fresh)),
            Login(
                testDescription: "without service and session", request: LoginRequest(service: nil), session: nil,
                service: nil, access: nil, expected: .signIn(.any)),
            Login(
                testDescription: "without service, with gateway",
                request: LoginRequest(service: nil, isGateway: true), session: nil, service: nil, access: nil,
                expected: .signIn(.any)),
            Login(
                testDescription: "without service, with renew", request: LoginRequest(service: nil, isRenewed: true),
                service: nil, access: nil, expected: .signIn(.fresh)),
        ])
    func asks(_ login: Login) {
        #expect(login.decision == login.expected)
    }

    @Test("says that one is signed in when there is a session and no service")
    func signedIn() {
        let login = Login(
            testDescription: "", request: LoginRequest(service: nil), service: nil, access: nil,
            expected: .showSignedIn)
        #expect(login.decision == login.expected)
    }

    @Test(
        "gateway goes back without a ticket",
        arguments: [
            Login(
                testDescription: "without a session", request: LoginRequest(service: wiki.text, isGateway: true),
                session: nil, access: nil, expected: .returnWithoutTicket(to: wiki)),
            Login(
                testDescription: "when the person may not open the application",
                request: LoginRequest(service: wiki.text, isGateway: true), access: .notSelected,
                expected: .returnWithoutTicket(to: wiki)),
        ])
    func gateway(_ login: Login) {
        #expect(login.decision == login.expected)
    }

    static let disabled = RegisteredService(
        applicationID: "a-wiki", urls: [wiki], isEnabled: false, ticketLifetime: 180)

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Login(
                testDescription: "a service nobody registered", service: nil, expected: .refused(.unregisteredService)),
            Login(
                testDescription: "a service that is not quite the registered one",
                request: LoginRequest(service: wiki.text + "/"), expected: .refused(.unregisteredService)),
            Login(
                testDescription: "an unregistered service with gateway",
                request: LoginRequest(service: "https://evil.example/", isGateway: true), session: nil,
                expected: .refused(.unregisteredService)),
            Login(
                testDescription: "an unregistered service before asking for credentials",
                request: LoginRequest(service: "https://evil.example/"), session: nil,
                expected: .refused(.unregisteredService)),
            Login(
                testDescription: "a disabled application", service: disabled, expected: .refused(.applicationDisabled)),
            Login(
                testDescription: "a disabled application with gateway",
                request: LoginRequest(service: wiki.text, isGateway: true), service: disabled,
                expected: .refused(.applicationDisabled)),
            Login(
                testDescription: "a person outside the access rule", access: .notSelected,
                expected: .refused(.accessDenied(.notSelected))),
            Login(
                testDescription: "a disabled person", access: .userDisabled,
                expected: .refused(.accessDenied(.userDisabled))),
            Login(
                testDescription: "when access was not asked about", access: nil,
                expected: .refused(.accessDenied(.notSelected))),
        ])
    func refuses(_ login: Login) {
        #expect(login.decision == login.expected)
    }
}
