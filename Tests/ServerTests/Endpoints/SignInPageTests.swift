import Directory
import Identity
import Storage
import TestSupport
import Testing
import Wire

@Suite("/login")
struct SignInPageTests {
    @Test("is a page that nobody may keep, frame or fill with scripts", .tags(.security))
    func headers() async throws {
        try await TestServer.run { server in
            let page = try await server.browser().visit("/").reply
            #expect(page.status == 200)
            #expect(
                page.fixedHeaders == [
                    "content-type": "text/html; charset=utf-8", "cache-control": "no-store",
                    "content-security-policy":
                        """
                    default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                    font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
                    """,
                    "cross-origin-opener-policy": "same-origin", "referrer-policy": "same-origin",
                    "strict-transport-security": "max-age=31536000", "x-content-type-options": "nosniff",
                    "x-frame-options": "DENY",
                ])
            for inline in ["style=", "<style", "onclick", "onload", "javascript:", "<script>"] {
                #expect(!page.text.contains(inline))
            }
        }
    }

    @Test("goes to the portal when nobody asked")
    func alone() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            #expect(try await browser.get("/login").location == "/")
            #expect(try await server.browser().visit("/login").reply.heading == "Sign in")
        }
    }

    @Test("leads somebody who is signed in already back at once")
    func alreadySignedIn() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let first = try await browser.visit(authorize())
            let second = try await browser.visit(authorize(["state": "second"]))
            _ = try await browser.enter("alice", Samples.password, on: first)
            let back = try await browser.visit("/login?i=\(try second.interactionID)")
            #expect(back.answer["state"] == "second")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var tab: String
        var filling: Changes
        var button: String?
        var errors: [String]
    }

    static let incomplete = [
        Case(
            testDescription: "nothing", tab: "password", filling: [:],
            errors: ["Enter your account.", "Enter your password."]),
        Case(
            testDescription: "no password", tab: "password", filling: ["username": "alice"],
            errors: ["Enter your password."]),
        Case(
            testDescription: "no phone", tab: "phone", filling: [:], button: "send",
            errors: ["Enter your phone number."]),
        Case(
            testDescription: "no phone number", tab: "phone", filling: ["phone": "12"], button: "send",
            errors: ["This does not look like a phone number. Please check it."]),
        Case(
            testDescription: "no code", tab: "phone", filling: ["phone": "13800000001"], button: "verify",
            errors: ["Enter the code."]),
        Case(
            testDescription: "letters for a code", tab: "phone", filling: ["phone": "13800000001", "code": "12a456"],
            button: "verify", errors: ["The code consists of digits only. Please check it."]),
    ]

    @Test("asks for what is missing, which counts as no attempt", arguments: incomplete)
    func asks(_ sample: Case) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let form = try page.form(to: "/login") { $0["tab"] == sample.tab }
            let filling = sample.filling.merging(["action": sample.button]) { $1 }
            let visit = try await browser.submit(form, filling)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == sample.errors)
            #expect(try await server.throttle(of: Samples.alice) == nil)
        }
    }

    @Test(
        "finds the account by username, phone or e-mail address, however they are written",
        arguments: [
            "alice", "ALICE", " alice ", "13800000001", "+86 138-0000-0001", "alice@acme.example", "Alice@ACME.example",
        ])
    func identifiers(_ name: String) async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.browser().signIn(name).reply.heading == "My applications")
        }
    }

    @Test("shows what was typed, but never a password or a code", .tags(.security))
    func noSecrets() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let typed = "<i>\"alice"
            let password = try await browser.enter(typed, "Wrong-Horse-1", on: page)
            #expect(try password.passwordForm["username"] == typed)
            #expect(!password.reply.text.contains("<i>"))
            #expect(!password.reply.text.contains("Wrong-Horse-1"))
            let sent = try await browser.askForCode("13800000001", on: page)
            let wrong = try await browser.enterCode("482913", on: sent)
            #expect(try wrong.phoneForm["phone"] == "13800000001")
            #expect(!wrong.reply.text.contains("482913"))
        }
    }

    @Test("offers only what the tenant allows", .tags(.security))
    func methods() async throws {
        try await TestServer.run(settings: ["signIn.methods": "password"]) { server in
            let browser = server.browser()
            let page = try await browser.visit("/login?tab=phone")
            #expect(page.reply.forms.map { $0["tab"] } == ["password"])
            var pairs = try page.passwordForm.sending(["tab": "phone", "phone": "13800000002", "action": "send"])
            pairs.removeAll { $0.name == "username" }
            _ = try await browser.post("/login", pairs)
            #expect(await server.sentCodes().isEmpty)
        }
    }

    @Test("keeps somebody signed in only where that is offered")
    func remember() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let form = try page.passwordForm.sending([
                "username": "alice", "password": Samples.password, "remember": "yes",
            ])
            let reply = try await browser.post("/login", form)
            #expect(reply.cookies.first?.hasSuffix("; Secure; Max-Age=604800") == true)
            server.clock.advance(by: 7 * 86_400 - 1)
            #expect(try await browser.isSignedIn())
            server.clock.advance(by: 1)
            #expect(try await !browser.isSignedIn())
        }
        try await TestServer.run(settings: ["session.offerToRemember": "off"]) { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            #expect(!page.reply.text.contains("name=\"remember\""))
            let form = try page.passwordForm.sending([
                "username": "alice", "password": Samples.password, "remember": "yes",
            ])
            #expect(try await browser.post("/login", form).cookies.first?.contains("Max-Age") == false)
        }
    }

    @Test("upgrades a hash with older parameters, and the password stays")
    func upgrade() async throws {
        try await TestServer.run(settings: [:]) { server in
            let old = try Samples.hash(iterations: 2)
            try await server.change { db in
                try db.credentials.upgrade(old, from: Samples.passwordHash, ofUser: Samples.alice.id)
            }
            _ = try await server.signedIn()
            let stored = try await server.database.read { db in try db.credentials.ofUser(Samples.alice.id)?.hash }
            #expect(stored?.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$") == true)
            _ = try await server.signedIn()
        }
    }
}
