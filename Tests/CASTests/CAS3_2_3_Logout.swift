import CAS
import Testing

@Suite("CAS 3.0 §2.3 /logout")
struct LogoutTests {
    let registered = RegisteredService(applicationID: "a-wiki", urls: [wiki], isEnabled: true, ticketLifetime: 180)

    @Test("goes to the registered service")
    func redirects() throws {
        let request = try LogoutRequest(parameters("service=https%3A%2F%2Fwiki.example%2Fcas"))
        #expect(request == LogoutRequest(service: "https://wiki.example/cas"))
        #expect(request.outcome(registered) == .redirect(to: wiki))
    }

    @Test("shows the page without a service", arguments: ["", "service=", "url=https%3A%2F%2Fwiki.example%2Fcas"])
    func page(_ query: String) throws {
        let request = try LogoutRequest(parameters(query))
        #expect(request == LogoutRequest(service: nil))
        #expect(request.outcome(registered) == .showSignedOut)
    }

    @Test("never goes to an unregistered service", .tags(.security))
    func unregistered() {
        #expect(LogoutRequest(service: "https://wiki.example/cas").outcome(nil) == .showSignedOut)
        #expect(LogoutRequest(service: "https://evil.example/").outcome(registered) == .showSignedOut)
        #expect(LogoutRequest(service: "https://wiki.example/cas/").outcome(registered) == .showSignedOut)
    }

    @Test("does not go to the service of a disabled application", .tags(.security))
    func disabled() {
        var registered = registered
        registered.isEnabled = false
        #expect(LogoutRequest(service: wiki.text).outcome(registered) == .showSignedOut)
    }

    @Test("refuses a repeated service", .tags(.security))
    func repeated() throws {
        let parameters = try parameters("service=a&service=b")
        #expect(throws: LoginRefusal.repeatedParameter) { try LogoutRequest(parameters) }
    }
}
