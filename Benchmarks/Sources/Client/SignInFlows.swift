/// A sign-in page that a browser has open.
struct SignInPage: Sendable {
    let interaction: String
    /// What the page's forms must bring along.
    let token: String
    /// That bind the page to its browser.
    let cookies: String
    /// The line with which the proxy in front says where the browser is; empty without one.
    let forwarded: String

    /// What a form of the page brings along beside what was typed.
    fileprivate var fields: String { "csrf=\(token)&i=\(interaction)" }
    fileprivate var head: String { "Cookie: \(cookies)\r\n\(forwarded)" }
}

/// Addresses in `10.0.0.0/8`, as a proxy reports them: a crowd is not one client.
enum ClientAddress {
    static func line(_ number: Int) -> String {
        "X-Forwarded-For: 10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)\r\n"
    }
}

extension Flows {
    /// The portal without a session → the sign-in page, in a new browser.
    /// - Parameter forwarded: See ``ClientAddress``.
    func signInPage(
        _ connection: HTTPConnection, forwarded: String = "", isForPhone: Bool = false,
        record: (Step, Answer) -> Void = { _, _ in }
    ) throws(Failure) -> SignInPage {
        let portal = try get(connection, "/", forwarded)
        guard portal.status == 303, let location = portal.values("location").first,
            let interaction = location.split(separator: "i=").last
        else { throw unexpected("/", portal) }
        record(.portal, portal)
        let bound = cookies(portal)
        let address = isForPhone ? "\(location)&tab=phone" : location
        let page = try get(connection, address, "Cookie: \(bound)\r\n\(forwarded)")
        guard page.status == 200, let token = page.word(after: "name=\"csrf\" value=\"") else {
            throw unexpected("/login", page)
        }
        record(.signInPage, page)
        return SignInPage(interaction: String(interaction), token: token, cookies: bound, forwarded: forwarded)
    }

    /// The request of somebody who typed account and password.
    func passwordForm(_ page: SignInPage, _ username: String, _ password: String) -> String {
        posting("/login", "\(page.fields)&tab=password&username=\(username)&password=\(password)", page.head)
    }

    /// The request of somebody who wants a code.
    func codeRequest(_ page: SignInPage, phone: Int) -> String {
        posting("/login", "\(page.fields)&tab=phone&phone=\(phone)&action=send", page.head)
    }

    /// Portal → sign-in page → a code asked for → the code; a new browser each time. Four requests.
    func signIn(
        _ connection: HTTPConnection, phone: Int, forwarded: String, mailbox: Mailbox,
        record: (Step, Answer) -> Void = { _, _ in }
    ) throws(Failure) {
        let page = try signInPage(connection, forwarded: forwarded, isForPhone: true, record: record)
        let asked = try connection.exchange(codeRequest(page, phone: phone))
        guard asked.status == 200 else { throw unexpected("POST /login for a code", asked) }
        record(.askCode, asked)
        // The floor sends no message and compares no code.
        let code = installation.isFloor ? "000000" : try mailbox.code(sentTo: phone)
        let form = "\(page.fields)&tab=phone&phone=\(phone)&code=\(code)&action=verify"
        let done = try connection.exchange(posting("/login", form, page.head))
        guard done.status == 303, !cookies(done).isEmpty else { throw unexpected("POST /login with a code", done) }
        record(.enterCode, done)
    }
}
