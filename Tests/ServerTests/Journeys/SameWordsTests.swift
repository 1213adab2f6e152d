import Directory
import Identity
import TestSupport
import Testing
import Wire

extension TestServer {
    /// A page without what differs from answer to answer: ids, tokens, and what the person typed.
    func withoutRequestID(_ reply: Reply, typed: [String] = []) -> String {
        var text = reply.text
        let secrets = reply.forms.flatMap { form in ["csrf", "i", "puzzle"].compactMap { form[$0] } }
        for secret in Set(secrets) { text = text.replacing(secret, with: "…") }
        // What a passkey signs is each interaction's own, too.
        text.replace(/challenge&quot;:&quot;[A-Za-z0-9_-]{43}&quot;/, with: "challenge")
        for word in typed { text = text.replacing("value=\"\(word)\"", with: "value=\"…\"") }
        // The last fact of an error page is its request's id.
        return text.split(separator: "\n").filter { !$0.contains("<dt>Request ID</dt>") }.joined(separator: "\n")
    }
}

@Suite("The page does not tell who exists (peers' class 19)")
struct SameWordsTests {
    /// Somebody who cannot sign in.
    struct Somebody: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var username: String
        var phone: String
        var reason: String
    }

    static let people = [
        Somebody(testDescription: "wrong password", username: "alice", phone: "13800000001", reason: "wrong_password"),
        Somebody(testDescription: "nobody", username: "nobody", phone: "13800000099", reason: "unknown_user"),
        Somebody(testDescription: "disabled", username: "carol", phone: "13800000003", reason: "disabled"),
        Somebody(testDescription: "without password", username: "bob", phone: "13800000002", reason: "no_password"),
        Somebody(testDescription: "cleared", username: "erin", phone: "13800000005", reason: "no_password"),
        Somebody(testDescription: "frozen", username: "frank", phone: "13800000006", reason: "frozen"),
        Somebody(
            testDescription: "no name at all", username: "\u{202E}%00<'\"", phone: "13800000098",
            reason: "unknown_user"),
    ]

    /// Freezes Frank.
    static func freeze(_ server: TestServer) async throws {
        let browser = server.browser()
        let page = try await browser.visit("/")
        for _ in 1...10 { _ = try await browser.enter("frank", "Wrong-Horse-1", on: page) }
    }

    @Test(
        "a wrong password is answered with the same bytes for everybody", .tags(.security), arguments: Backend.journeys)
    func password(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await Self.freeze(server)
            var pages: Set<String> = []
            for person in Self.people {
                let browser = server.browser()
                let password =
                    person.reason == "frozen" || person.reason == "disabled" ? Samples.password : "Wrong-Horse-1"
                let visit = try await browser.signIn(person.username, password)
                #expect(visit.reply.status == 422)
                pages.insert(Self.normalised(visit.reply, server, person.username))
                #expect(visit.reply.cookies.isEmpty)
            }
            #expect(pages.count == 1)
            let reasons = try await server.events().filter { $0.hasPrefix("sign_in.failed") }
            for reason in Set(Self.people.map(\.reason)) {
                #expect(reasons.contains(#"sign_in.failed {"method":"password","reason":"\#(reason)"}"#))
            }
        }
    }

    @Test(
        "asking for a code is answered with the same bytes; only who may come in gets one", .tags(.security),
        arguments: Backend.journeys)
    func asking(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await Self.freeze(server)
            var pages: Set<String> = []
            for person in Self.people {
                let browser = server.browser()
                let visit = try await browser.askForCode(person.phone, on: try await browser.visit("/"))
                #expect(visit.reply.status == 200)
                pages.insert(Self.normalised(visit.reply, server, person.phone))
            }
            #expect(pages.count == 1)
            #expect(
                await server.sentCodes().map(\.phone) == ["+8613800000001", "+8613800000002", "+8613800000005"])
        }
    }

    @Test("a wrong code is answered with the same bytes, and so is the sixth", .tags(.security))
    func code() async throws {
        try await TestServer.run { server in
            try await Self.freeze(server)
            for tries in 1...6 {
                var pages: Set<String> = []
                for person in Self.people {
                    let browser = server.browser()
                    if tries == 1 { _ = try await browser.askForCode(person.phone, on: try await browser.visit("/")) }
                    let page = try await browser.visit("/")
                    let visit = try await browser.enterCode("000000", on: page, ["phone": person.phone])
                    #expect(visit.reply.status == 422)
                    pages.insert(Self.normalised(visit.reply, server, person.phone))
                }
                #expect(pages.count == 1)
            }
        }
    }

    @Test("asking too often is answered with the same bytes", .tags(.security))
    func tooOften() async throws {
        try await TestServer.run { server in
            try await Self.freeze(server)
            var pages: Set<String> = []
            for person in Self.people {
                let browser = server.browser()
                let sent = try await browser.askForCode(person.phone, on: try await browser.visit("/"))
                let visit = try await browser.askForCode(person.phone, on: sent)
                #expect(visit.reply.status == 429)
                #expect(visit.reply.formErrors == ["A code was sent just now. Try again in 60 seconds."])
                pages.insert(Self.normalised(visit.reply, server, person.phone))
            }
            #expect(pages.count == 1)
        }
    }

    @Test("no code opens the account of a decoy, not even the one that would have been sent", .tags(.security))
    func decoy() async throws {
        try await TestServer.run(settings: ["sms.code.digits": "4", "sms.code.tries": "off", "freeze.failures": "off"])
        { server in
            let browser = server.browser()
            let page = try await browser.askForCode("13800000003", on: try await browser.visit("/"))
            let form = try page.phoneForm
            for code in 0..<200 {
                let typed = String(repeating: "0", count: 4 - String(code).count) + String(code)
                let pairs = form.sending(["code": typed], pressing: "verify")
                #expect(try await browser.post("/login", pairs).status == 422)
            }
            #expect(try await server.sessions().isEmpty)
        }
    }

    private static func normalised(_ reply: Reply, _ server: TestServer, _ typed: String) -> String {
        server.withoutRequestID(reply, typed: [typed, escaped(typed)])
    }

    /// As swift-mustache writes a text into a page.
    private static func escaped(_ text: String) -> String {
        [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")].reduce(text) {
            $0.replacing($1.0, with: $1.1)
        }
    }
}
