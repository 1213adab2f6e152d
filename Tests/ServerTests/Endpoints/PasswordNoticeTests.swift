import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("What a person is told about their password")
struct PasswordNoticeTests {
    struct Warning: Sendable, CustomTestStringConvertible {
        /// Seconds after the password was set.
        var age: Double
        var text: String?
        var testDescription: String { "after \(age) s" }
    }

    static let day = 86_400.0
    static let warnings = [
        Warning(age: 0), Warning(age: 76 * day - 1),
        Warning(age: 76 * day, text: "Your password expires in 14 day(s)."),
        Warning(age: 88 * day, text: "Your password expires in 2 day(s)."),
        Warning(age: 89 * day + 1, text: "Your password expires within a day."),
        Warning(age: 90 * day - 1, text: "Your password expires within a day."),
    ]

    @Test("portal and account page warn from 14 days before the end", arguments: warnings)
    func warning(_ warning: Warning) async throws {
        try await TestServer.run(settings: ["password.maximumAge": "90d"]) { server in
            server.clock.advance(by: warning.age)
            let browser = try await server.signedIn()
            for path in ["/", "/account"] {
                let text = try await browser.get(path).text
                #expect(text.contains("Your password expires") == (warning.text != nil))
                if let expected = warning.text { #expect(text.contains(expected)) }
            }
        }
    }

    @Test("what was just done goes before the warning, and the next page warns again")
    func afterNotice() async throws {
        try await TestServer.run(settings: ["password.maximumAge": "90d"]) { server in
            server.clock.advance(by: 80 * Self.day)
            let browser = try await server.signedIn()
            let done = try await browser.get("/account?notice=sessionsOthersEnded").text
            #expect(!done.contains("Your password expires"))
            #expect(try await browser.get("/account").text.contains("Your password expires in 10 day(s)."))
        }
    }

    @Test("a change ends the warning")
    func changed() async throws {
        try await TestServer.run(settings: ["password.maximumAge": "90d"]) { server in
            server.clock.advance(by: 80 * Self.day)
            let browser = try await server.signedIn()
            _ = try await PasswordChangeTests.change(browser, from: Samples.password, to: "Better-Horse-8")
            #expect(try await browser.get("/").text.contains("Your password expires") == false)
        }
    }

    @Test("nobody is warned where passwords do not age, or warnings are off")
    func off() async throws {
        for settings in [[:], ["password.maximumAge": "90d", "password.warning": "off"]] {
            try await TestServer.run(settings: settings) { server in
                server.clock.advance(by: 89 * Self.day)
                let browser = try await server.signedIn()
                #expect(try await browser.get("/").text.contains("Your password expires") == false)
            }
        }
    }

    @Test("the change page counts the attempts that are left down to the freeze", .tags(.security))
    func attemptsLeft() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            var told: [[String]] = []
            for _ in 1...11 {
                let visit = try await PasswordChangeTests.change(browser, from: "Wrong-Horse-1", to: "Better-Horse-8")
                #expect(visit.reply.status == 422)
                told.append(visit.reply.formErrors)
            }
            let counted = (1...9).reversed().map { left in
                [
                    """
                    The current password is not right. \
                    Wrong attempts left before the account is frozen for a while: \(left).
                    """
                ]
            }
            let over = ["Too many wrong attempts: the account is frozen for a while. Try again later."]
            #expect(told == counted + [over, over])
            // The right one is not looked at either, and a freeze is over when it is over.
            let right = try await PasswordChangeTests.change(browser, from: Samples.password, to: "Better-Horse-8")
            #expect(right.reply.formErrors == over)
            server.clock.advance(by: 900)
            let done = try await PasswordChangeTests.change(browser, from: Samples.password, to: "Better-Horse-8")
            #expect(done.reply.status == 200)
        }
    }

    @Test("where nothing freezes, no number is told")
    func withoutFreeze() async throws {
        try await TestServer.run(settings: ["freeze.failures": "off"]) { server in
            let browser = try await server.signedIn()
            let visit = try await PasswordChangeTests.change(browser, from: "Wrong-Horse-1", to: "Better-Horse-8")
            #expect(
                visit.reply.formErrors == [
                    "The current password is not right, or there were too many attempts. Check it, or try again later."
                ])
        }
    }

    @Test("the sign-in page never tells how many attempts are left", .tags(.security))
    func signInPage() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            var errors: Set<[String]> = []
            for _ in 1...12 {
                let visit = try await browser.enter("alice", "Wrong-Horse-1", on: page)
                errors.insert(visit.reply.formErrors)
                #expect(!visit.reply.text.contains("more wrong attempts"))
            }
            #expect(errors.count == 1)
        }
    }

    @Test(
        "whoever was disabled or signed out while the hashes were computed changes nothing", .tags(.security),
        arguments: ["disable", "end", "clear"])
    func overtaken(_ act: String) async throws {
        try await Backend.sqliteMemory.withDatabase { inner in
            let database = WatchedDatabase(inner)
            try await TestServer.run(over: database) { server in
                try await Samples.store(in: inner)
                let browser = try await server.signedIn()
                let form = try await browser.visit("/account/password").form(to: "/account/password")
                let before = try await server.credential(of: Samples.alice)
                // Reading the session, counting, releasing the count; then comes the change itself.
                let change: Changes = [
                    "currentPassword": Samples.password, "newPassword": "Better-Horse-8",
                    "repeatedPassword": "Better-Horse-8",
                ]
                let visit = try await database.interrupting(before: 3) { inner in
                    let administration = server.administration(over: inner)
                    let now = server.clock.now
                    switch act {
                    case "disable": _ = try await administration.disableUser("alice", of: "acme", now: now)
                    case "end":
                        try await inner.write { db in
                            for session in try db.sessions.open(ofUser: "user-alice") {
                                try db.sessions.end(session.id, now: now)
                            }
                        }
                    default:
                        _ = try await administration.resetPasswords(
                            of: ["alice"], in: "acme", by: .clear, now: now)
                    }
                } during: {
                    try await browser.submit(form, change)
                }
                #expect(visit?.reply.status == 403)
                let after = try await server.credential(of: Samples.alice)
                #expect(act == "clear" ? after?.hash == nil : after == before)
            }
        }
    }
}
