import Identity
import TestSupport
import Testing

@Suite("/login/password")
struct SetPasswordPageTests {
    /// A browser in which Bob has typed his code and is asked for a password.
    static func atPage(_ server: TestServer) async throws -> (Browser, Browser.Visit) {
        let browser = server.browser()
        let sent = try await browser.askForCode("13800000002", on: try await browser.visit("/"))
        let page = try await browser.enterCode(try await server.lastCode(to: "+8613800000002"), on: sent)
        return (browser, page)
    }

    @Test("lists the rules and says why it asks")
    func page() async throws {
        try await TestServer.run { server in
            let (_, page) = try await Self.atPage(server)
            #expect(page.trail.last == "/login/password?i=\(try page.interactionID)")
            #expect(page.reply.heading == "Set a password")
            #expect(page.reply.text.contains("This is the first sign-in to this account."))
            #expect(page.reply.text.contains("8 to 128 characters"))
            #expect(violatedRules(on: page.reply).isEmpty)
            #expect(try page.form(to: "/login/password")["username"] == "bob")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var new: String
        var repeated: String
        var errors: [String]
        var violated: [String] = []
    }

    static let refusals = [
        Case(
            testDescription: "nothing", new: "", repeated: "",
            errors: ["Enter a new password.", "Enter the new password again."]),
        Case(
            testDescription: "different", new: "Better-Horse-8", repeated: "Better-Horse-9",
            errors: ["The two passwords are not the same."]),
        Case(
            testDescription: "too short", new: "Ab-1", repeated: "Ab-1", errors: [AccountPasswordPageTests.broken],
            violated: ["length"]),
        Case(
            testDescription: "too long", new: "Ab-1" + String(repeating: "x", count: 125),
            repeated: "Ab-1" + String(repeating: "x", count: 125), errors: [AccountPasswordPageTests.broken],
            violated: ["length"]),
        Case(
            testDescription: "common", new: "PASSWORD-1234", repeated: "PASSWORD-1234",
            errors: [AccountPasswordPageTests.broken], violated: ["notCommon"]),
    ]

    @Test("refuses, and there is no session yet", .tags(.security), arguments: refusals)
    func refuses(_ refusal: Case) async throws {
        try await TestServer.run { server in
            let (browser, page) = try await Self.atPage(server)
            let visit = try await browser.submit(
                try page.form(to: "/login/password"),
                ["newPassword": refusal.new, "repeatedPassword": refusal.repeated])
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == refusal.errors)
            #expect(violatedRules(on: visit.reply) == refusal.violated)
            #expect(refusal.new.isEmpty || !visit.reply.text.contains(refusal.new))
            #expect(try await server.sessions().isEmpty)
            let done = try await browser.setPassword("Better-Horse-8", on: visit)
            #expect(done.reply.heading == "My applications")
        }
    }

    @Test("cannot be reached without having proved who one is", .tags(.security))
    func notBefore() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let id = try page.interactionID
            #expect(try await browser.get("/login/password?i=\(id)").location == "/login?i=\(id)")
            let form = try page.passwordForm.sending([
                "newPassword": "Better-Horse-8", "repeatedPassword": "Better-Horse-8", "username": "bob",
            ])
            let reply = try await browser.post("/login/password", form)
            #expect(reply.location == "/login?i=\(id)")
            #expect(reply.cookies.isEmpty)
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test("cannot be gone around", .tags(.security))
    func noWayAround() async throws {
        try await TestServer.run { server in
            let (browser, page) = try await Self.atPage(server)
            let id = try page.interactionID
            #expect(try await browser.get("/login?i=\(id)").location == "/login/password?i=\(id)")
            #expect(try await browser.get("/").status == 303)
            #expect(try await browser.visit(authorize()).departure == nil)
            #expect(try await browser.visit(CASLoginEndpointTests.wiki).departure == nil)
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test("sets the password of whom the code was for, whatever the form says", .tags(.security))
    func boundToUser() async throws {
        try await TestServer.run { server in
            let (browser, page) = try await Self.atPage(server)
            _ = try await browser.submit(
                try page.form(to: "/login/password"),
                [
                    "newPassword": "Better-Horse-8", "repeatedPassword": "Better-Horse-8", "username": "alice",
                    "user": "user-alice",
                ])
            #expect(try await server.sessions().map(\.userID) == ["user-bob"])
            _ = try await server.signedIn("alice")
        }
    }

    @Test(
        "is over when the account was disabled or got a password meanwhile", .tags(.security), arguments: [true, false])
    func stale(isDisabled: Bool) async throws {
        try await TestServer.run { server in
            let (browser, page) = try await Self.atPage(server)
            if isDisabled {
                try await server.disable(Samples.bob)
            } else {
                try await server.setPassword(of: Samples.bob)
            }
            let visit = try await browser.setPassword("Better-Horse-8", on: page)
            #expect(visit.reply.status == 400)
            #expect(visit.reply.heading == "This sign-in has expired")
            #expect(try await server.sessions().isEmpty)
        }
    }
}
