/// A browser that is signed in, with the applications it opens.
struct Browser: Sendable {
    /// The value of its `Cookie` field.
    var cookies = ""
    let username: String
}

/// What one person's browser and one application's server send, from beginning to end; each is one *flow*.
struct Flows: Sendable {
    let installation: Installation

    // MARK: - OAuth: authorize with a session → token → userinfo

    /// The verifier and its challenge of RFC 7636, appendix B.
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private static let redirect = "http%3A%2F%2F127.0.0.1%3A9%2Fcallback"

    /// Three requests; answers are handed to `record`, which the floor's answers are made from.
    func oauth(
        _ connection: HTTPConnection, _ browser: Browser, record: (Step, Answer) -> Void = { _, _ in }
    ) throws(Failure) {
        let query = """
            response_type=code&client_id=bench-oauth&redirect_uri=\(Self.redirect)&scope=openid%20profile%20email\
            &state=af0ifjsldkj8RtKxP3wGlm&nonce=n-0S6_WzA2Mj5Vt9QbXr1L\
            &code_challenge=\(Self.challenge)&code_challenge_method=S256
            """
        let authorize = try get(connection, "/oauth2/authorize?\(query)", "Cookie: \(browser.cookies)\r\n")
        guard authorize.status == 303, let code = authorize.word(after: "?code=") else {
            throw unexpected("/oauth2/authorize", authorize)
        }
        record(.authorize, authorize)
        let form = """
            grant_type=authorization_code&code=\(code)&redirect_uri=\(Self.redirect)&code_verifier=\(Self.verifier)\
            &client_id=bench-oauth&client_secret=\(installation.secret)
            """
        let token = try post(connection, "/oauth2/token", form)
        guard token.status == 200, let access = token.word(after: "\"access_token\":\"") else {
            throw unexpected("/oauth2/token", token)
        }
        record(.token, token)
        let userInfo = try get(connection, "/oauth2/userinfo", "Authorization: Bearer \(access)\r\n")
        guard userInfo.status == 200 else { throw unexpected("/oauth2/userinfo", userInfo) }
        record(.userInfo, userInfo)
    }

    // MARK: - CAS: login with a session → p3/serviceValidate

    private static let service = "http%3A%2F%2F127.0.0.1%3A9%2Fcas%2Fsign-in"

    /// Two requests.
    func cas(
        _ connection: HTTPConnection, _ browser: Browser, record: (Step, Answer) -> Void = { _, _ in }
    ) throws(Failure) {
        let login = try get(connection, "/cas/login?service=\(Self.service)", "Cookie: \(browser.cookies)\r\n")
        guard login.status == 303, let ticket = login.word(after: "?ticket=") else {
            throw unexpected("/cas/login", login)
        }
        record(.casLogin, login)
        let validate = try get(connection, "/cas/p3/serviceValidate?service=\(Self.service)&ticket=\(ticket)")
        guard validate.status == 200,
            validate.bytes.firstRange(of: "authenticationSuccess", from: 0) != nil
                || installation.isFloor
        else { throw unexpected("/cas/p3/serviceValidate", validate) }
        record(.casValidate, validate)
    }

    // MARK: - Signing in with a password

    /// The portal without a session → the sign-in page → the form; a new browser each time.
    func signIn(_ connection: HTTPConnection, _ browser: inout Browser) throws(Failure) {
        let page = try signInPage(connection)
        let done = try connection.exchange(passwordForm(page, browser.username, Installation.password))
        guard done.status == 303, !cookies(done).isEmpty else { throw unexpected("POST /login", done) }
        browser.cookies = page.cookies + "; " + cookies(done)
    }

    // MARK: - Requests

    func get(_ connection: HTTPConnection, _ target: String, _ fields: String = "") throws(Failure) -> Answer {
        try connection.exchange("GET \(target) HTTP/1.1\r\nHost: \(installation.authority)\r\n\(fields)\r\n")
    }

    private func post(_ connection: HTTPConnection, _ target: String, _ form: String) throws(Failure) -> Answer {
        try connection.exchange(posting(target, form))
    }

    /// A request with a form.
    func posting(_ target: String, _ form: String, _ fields: String = "") -> String {
        """
        POST \(target) HTTP/1.1\r\nHost: \(installation.authority)\r\n\
        Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(form.utf8.count)\r\n\(fields)\r\n\(form)
        """
    }

    /// Those that an answer sets, as a browser sends them back.
    func cookies(_ answer: Answer) -> String {
        answer.values("set-cookie").map { String($0.prefix { $0 != ";" }) }.joined(separator: "; ")
    }

    /// Status and redirect, never the body: it may be a page.
    func unexpected(_ what: String, _ answer: Answer) -> Failure {
        let location = answer.values("location").first.map { String($0.prefix(160)) } ?? ""
        return Failure("\(what) was answered with \(answer.status) \(location); see \(installation.logFile)")
    }
}
