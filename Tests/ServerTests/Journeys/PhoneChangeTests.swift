import Directory
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("A person changes their own phone")
struct PhoneChangeTests {
    static let path = "/account/phone"
    static let old = "+8613800000001"
    static let new = "+8613900000009"
    static let refused = [
        "The phone number or code is not right, or the code is no longer valid. Check both and try again, or send a new code."
    ]

    /// Asks for a code to the old phone.
    private func askOld(_ browser: Browser) async throws -> Browser.Visit {
        let page = try await browser.visit(Self.path)
        return try await browser.submit(try page.form(to: Self.path), pressing: "send")
    }

    /// Does the first step.
    private func proveOld(_ browser: Browser, _ server: TestServer) async throws -> Browser.Visit {
        let sent = try await askOld(browser)
        return try await verify(try await server.lastCode(to: Self.old), on: sent, browser)
    }

    private func askNew(_ phone: String = new, on page: Browser.Visit, _ browser: Browser) async throws -> Browser.Visit
    {
        try await browser.submit(try page.form(to: Self.path), ["phone": phone], pressing: "send")
    }

    private func verify(
        _ code: String, on page: Browser.Visit, _ browser: Browser, _ further: Changes = [:]
    ) async throws -> Browser.Visit {
        let filling: Changes = ["code": code]
        return try await browser.submit(
            try page.form(to: Self.path), filling.merging(further) { $1 }, pressing: "verify")
    }

    private func phone(of user: User = Samples.alice, _ server: TestServer) async throws -> String? {
        try await server.user(user)?.profile.phone?.e164
    }

    /// Whether a page asks for the new phone.
    private func asksNew(_ visit: Browser.Visit) throws -> Bool { try visit.form(to: Self.path)["phone"] != nil }

    // MARK: - The whole

    @Test("with a code to the old and one to the new phone", .tags(.security), arguments: Backend.journeys)
    func whole(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = try await server.signedIn()
            let proved = try await proveOld(browser, server)
            #expect(proved.reply.status == 200)
            #expect(try asksNew(proved))
            let sent = try await askNew(on: proved, browser)
            let done = try await verify(try await server.lastCode(to: Self.new), on: sent, browser)
            #expect(done.trail == [Self.path, "/account?notice=phoneChanged"])
            #expect(done.reply.text.contains("Your phone is changed."))
            #expect(try await phone(server) == Self.new)
            _ = await server.sentCodes()
            let told = server.sms.messages.filter { $0.purpose == SMSPurpose.phoneChanged.rawValue }
            #expect(told.map(\.to) == [Self.old])
            #expect(told.allSatisfy { !$0.text.contains("1390000") && $0.code == nil })
            let events = try await server.events()
            #expect(events.contains { $0.hasPrefix("user.changed") && $0.contains("phone") })
            #expect(events.allSatisfy { !$0.contains("1390000") && !$0.contains("1380000") })
            #expect(server.log.lines.allSatisfy { !$0.contains("1390000") && !$0.contains("1380000") })
        }
    }

    @Test("afterwards the new phone is a way in and the old one is nobody's", .tags(.security))
    func waysIn() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await askNew(on: try await proveOld(browser, server), browser)
            _ = try await verify(try await server.lastCode(to: Self.new), on: sent, browser)
            #expect(try await server.browser().signIn("13900000009").reply.status == 200)
            #expect(try await server.browser().signIn("13800000001").reply.status == 422)
            server.clock.advance(by: 61)
            let other = server.browser()
            let page = try await other.askForCode("13900000009", on: try await other.visit("/"))
            #expect(try await other.enterCode(try await server.lastCode(to: Self.new), on: page).reply.status == 200)
            let before = await server.sentCodes().count
            let stranger = server.browser()
            _ = try await stranger.askForCode("13800000001", on: try await stranger.visit("/"))
            #expect(await server.sentCodes().count == before)
        }
    }

    @Test("after the first step the page does not say that a code is on its way to the new phone")
    func firstStep() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let proved = try await proveOld(browser, server)
            #expect(!proved.reply.text.contains("a code is on its way"))
            #expect(try proved.form(to: Self.path).buttons.first?.value == "send")
            #expect(try await browser.visit(Self.path).reply.text.contains("Now enter the new number"))
        }
    }

    @Test("every code under way to the account is void", .tags(.security), arguments: Backend.journeys)
    func voids(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = try await server.signedIn()
            let thief = server.browser()
            let page = try await thief.askForCode("13800000001", on: try await thief.visit("/"))
            let code = try await server.lastCode(to: Self.old)
            server.clock.advance(by: 60)
            let sent = try await askNew(on: try await proveOld(browser, server), browser)
            _ = try await verify(try await server.lastCode(to: Self.new), on: sent, browser)
            #expect(try await thief.enterCode(code, on: page).reply.status == 422)
            let left = try await server.database.read { db in
                try db.rows("SELECT purpose FROM sms_challenges WHERE user_id = \(Samples.alice.id)") { row in
                    try row.next(String.self)
                }
            }
            #expect(left == [])
            let page1 = try await browser.visit(Self.path)
            #expect(try !asksNew(page1))
        }
    }

    // MARK: - Codes

    @Test("a wrong code counts like one at sign-in, is logged, and freezes the account", .tags(.security))
    func wrongCodes() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await askOld(browser)
            let code = try await server.lastCode(to: Self.old)
            for _ in 1...10 {
                let reply = try await verify(other(code), on: sent, browser).reply
                #expect(reply.status == 422)
                #expect(reply.formErrors == Self.refused)
            }
            #expect(try await server.browser().signIn().reply.status == 422)
            let events = try await server.events()
            #expect(events.filter { $0.contains("wrong_code") }.count == 5)
            #expect(events.filter { $0.contains("exhausted_code") }.count == 5)
            #expect(events.contains { $0.contains("frozen") })
            server.clock.advance(by: 60)
            let again = try await askOld(browser)
            let right = try await verify(try await server.lastCode(to: Self.old), on: again, browser)
            #expect(right.reply.formErrors == Self.refused)
            #expect(try await phone(server) == Self.old)
        }
    }

    @Test("a code that is expired, or was used, is refused at either step", .tags(.security), arguments: [true, false])
    func spent(isExpired: Bool) async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await askOld(browser)
            let first = try await server.lastCode(to: Self.old)
            if isExpired {
                server.clock.advance(by: 300)
                #expect(try await verify(first, on: sent, browser).reply.formErrors == Self.refused)
                let proved = try await proveOld(browser, server)
                let asked = try await askNew(on: proved, browser)
                server.clock.advance(by: 300)
                let late = try await verify(try await server.lastCode(to: Self.new), on: asked, browser)
                #expect(late.reply.formErrors == Self.refused)
            } else {
                let proved = try await verify(first, on: sent, browser)
                // The same form once more is read as the second step.
                #expect(try await verify(first, on: sent, browser).reply.formErrors == ["Enter your phone number."])
                // The old phone's code is none for the new one.
                let asked = try await askNew(on: proved, browser)
                #expect(try await verify(first, on: asked, browser).reply.formErrors == Self.refused)
            }
            #expect(try await phone(server) == Self.old)
        }
    }

    @Test("the form of a change that is done, sent again, changes nothing more", .tags(.security))
    func replay() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await askNew(on: try await proveOld(browser, server), browser)
            let code = try await server.lastCode(to: Self.new)
            _ = try await verify(code, on: sent, browser)
            #expect(try await verify(code, on: sent, browser).reply.status == 422)
            let messages = await server.sentCodes()
            #expect(messages.count == 3)
            #expect(try await phone(server) == Self.new)
        }
    }

    @Test("codes and the first step are good in their own session only", .tags(.security))
    func otherSession() async throws {
        try await TestServer.run { server async throws in
            let (browser, thief) = (try await server.signedIn(), try await server.signedIn())
            let sent = try await askOld(browser)
            let code = try await server.lastCode(to: Self.old)
            #expect(
                try await verify(code, on: try await thief.visit(Self.path), thief, ["action": "verify"]).reply.status
                    == 422)
            let proved = try await verify(code, on: sent, browser)
            #expect(try asksNew(proved))
            let page2 = try await thief.visit(Self.path)
            #expect(try !asksNew(page2))
            _ = try await askNew(on: proved, browser)
            let second = try await server.lastCode(to: Self.new)
            let stolen = try await verify(
                second, on: try await thief.visit(Self.path), thief, ["phone": Self.new, "action": "verify"])
            #expect(stolen.reply.formErrors == Self.refused)
            #expect(try await phone(server) == Self.old)
        }
    }

    @Test("the second step without the first asks for the first, and sends nothing to the new phone", .tags(.security))
    func stepTwoAlone() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let page = try await browser.visit(Self.path)
            let sent = try await askNew(on: page, browser)
            #expect(try !asksNew(sent))
            #expect(await server.sentCodes().map(\.phone) == [Self.old])
            let guess = try await verify("123456", on: sent, browser, ["phone": Self.new])
            #expect(guess.reply.status == 422)
            #expect(try await phone(server) == Self.old)
        }
    }

    @Test("the first step is good for ten minutes", .tags(.security))
    func proofLifetime() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let proved = try await proveOld(browser, server)
            server.clock.advance(by: 599)
            let sent = try await askNew(on: proved, browser)
            #expect(sent.reply.status == 200)
            #expect(try asksNew(sent))
            server.clock.advance(by: 1)
            let late = try await verify(try await server.lastCode(to: Self.new), on: sent, browser)
            #expect(late.reply.status == 422)
            #expect(try !asksNew(late))
            #expect(try await phone(server) == Self.old)
        }
    }

    // MARK: - Numbers

    @Test("a number that is somebody else's is answered like any other, and gets nothing", .tags(.security))
    func foreignNumber() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let proved = try await proveOld(browser, server)
            let before = await server.sentCodes().count
            let taken = try await askNew("13800000002", on: proved, browser)
            #expect(await server.sentCodes().count == before)
            let refusal = try await verify("123456", on: taken, browser)
            let free = try await askNew("13800000009", on: proved, browser)
            #expect(await server.sentCodes().count == before + 1)
            let wrong = try await verify(other(try await server.lastCode(to: "+8613800000009")), on: free, browser)
            for (taken, free) in [(taken.reply, free.reply), (refusal.reply, wrong.reply)] {
                #expect(taken.status == free.status)
                #expect(taken.fixedHeaders == free.fixedHeaders)
                #expect(taken.text == free.text.split(separator: "13800000009").joined(separator: "13800000002"))
            }
            #expect(try await phone(server) == Self.old)
        }
    }

    @Test(
        "a number that becomes somebody else's under way is refused like a wrong code", .tags(.security),
        arguments: Backend.journeys)
    func overtaken(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let browser = try await server.signedIn()
            let sent = try await askNew(on: try await proveOld(browser, server), browser)
            let code = try await server.lastCode(to: Self.new)
            try await server.change { db in
                var frank = Samples.frank
                frank.profile.phone = PhoneNumber(stored: Self.new)
                try db.users(Samples.sealingKey).update(frank)
            }
            let reply = try await verify(code, on: sent, browser).reply
            #expect(reply.status == 422)
            #expect(reply.formErrors == Self.refused)
            #expect(try await phone(server) == Self.old)
            #expect(try await phone(of: Samples.frank, server) == Self.new)
        }
    }

    @Test("of two people who want one number at a time, one gets it", .tags(.security), arguments: Backend.journeys)
    func race(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            let (alice, frank) = (try await server.signedIn(), try await server.signedIn("frank"))
            let hers = try await askNew(on: try await proveOld(alice, server), alice)
            let first = try await server.lastCode(to: Self.new)
            let page = try await askOld(frank)
            let proved = try await verify(try await server.lastCode(to: "+8613800000006"), on: page, frank)
            #expect(try await askNew(on: proved, frank).reply.status == 429)
            server.clock.advance(by: 60)
            let his = try await askNew(on: proved, frank)
            let second = try await server.lastCode(to: Self.new)
            let done = try await inParallel(4) { number in
                number.isMultiple(of: 2)
                    ? try await verify(first, on: hers, alice).lastAddress
                    : try await verify(second, on: his, frank).lastAddress
            }
            #expect(done.filter { $0 == "/account?notice=phoneChanged" }.count == 1)
            #expect(try await phone(server) == Self.old)
            #expect(try await phone(of: Samples.frank, server) == Self.new)
        }
    }

    @Test("no number, none that is one, and the one that is there are refused before a code is looked at")
    func malformed() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let proved = try await proveOld(browser, server)
            let malformed = "This does not look like a phone number. Please check it."
            for (phone, error) in [
                ("", "Enter your phone number."), ("12345", malformed), ("+86 1390000000９9", malformed),
                ("138 0000 0001", "This is the phone that your account has already."),
            ] {
                for action in ["send", "verify"] {
                    let visit = try await browser.submit(
                        try proved.form(to: Self.path), ["phone": phone, "code": "123456"], pressing: action)
                    #expect(visit.reply.status == 422)
                    #expect(visit.reply.formErrors == [error])
                }
            }
            #expect(await server.sentCodes().count == 1)
        }
    }

    @Test("a phone that is the account's name stays", .tags(.security))
    func phoneAsName() async throws {
        try await TestServer.run { server async throws in
            try await server.change { db in
                var alice = Samples.alice
                alice.username = Username(stored: "13800000001")
                try db.users(Samples.sealingKey).update(alice)
            }
            let browser = try await server.signedIn("13800000001")
            let sent = try await askNew(on: try await proveOld(browser, server), browser)
            #expect(sent.reply.status == 422)
            #expect(
                sent.reply.formErrors == [
                    "Your account name is your phone number, so only an administrator can change it."
                ])
            #expect(await server.sentCodes().count == 1)
        }
    }

    @Test("an employee id that is found for somebody else is no obstacle")
    func sharedEmployeeID() async throws {
        try await TestServer.run { server async throws in
            try await server.change { db in
                let users = db.users(Samples.sealingKey)
                var frank = Samples.frank
                frank.profile.employeeID = "E-1"
                try db.execute("UPDATE users SET employee_index = NULL")
                try users.update(frank)
                try db.execute("UPDATE users SET employee_index = NULL")
                _ = try users.indexEmployees(after: "", in: Samples.acme.id, limit: 500)
            }
            let frank = try await server.signedIn("frank")
            let page = try await askOld(frank)
            let proved = try await verify(try await server.lastCode(to: "+8613800000006"), on: page, frank)
            let sent = try await askNew(on: proved, frank)
            let done = try await verify(try await server.lastCode(to: Self.new), on: sent, frank)
            #expect(done.lastAddress == "/account?notice=phoneChanged")
            #expect(try await phone(of: Samples.frank, server) == Self.new)
        }
    }

    // MARK: - Without a phone

    private func removePhone(_ server: TestServer) async throws {
        try await server.change { db in
            var alice = Samples.alice
            alice.profile.phone = nil
            try db.users(Samples.sealingKey).update(alice)
        }
    }

    private func provePassword(_ password: String?, _ browser: Browser) async throws -> Browser.Visit {
        let page = try await browser.visit(Self.path)
        return try await browser.submit(try page.form(to: Self.path), ["currentPassword": password])
    }

    @Test(
        "who has none proves with the password, in this session and for ten minutes", .tags(.security),
        arguments: Backend.journeys)
    func firstPhone(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            try await removePhone(server)
            let (browser, thief) = (try await server.signedIn(), try await server.signedIn())
            let proved = try await provePassword(Samples.password, browser)
            #expect(try asksNew(proved))
            let page3 = try await thief.visit(Self.path)
            #expect(try !asksNew(page3))
            server.clock.advance(by: 599)
            let sent = try await askNew(on: proved, browser)
            let code = try await server.lastCode(to: Self.new)
            server.clock.advance(by: 1)
            let page4 = try await verify(code, on: sent, browser)
            #expect(try !asksNew(page4))
            #expect(try await phone(server) == nil)
            #expect(try asksNew(try await provePassword(Samples.password, browser)))
            let done = try await verify(code, on: sent, browser)
            #expect(done.lastAddress == "/account?notice=phoneChanged")
            #expect(try await phone(server) == Self.new)
            #expect(await server.sentCodes().map(\.phone) == [Self.new])
        }
    }

    @Test("a wrong password counts like one at sign-in, and proves nothing", .tags(.security))
    func wrongPassword() async throws {
        try await TestServer.run { server async throws in
            try await removePhone(server)
            let browser = try await server.signedIn()
            for nothing in [nil, ""] {
                let visit = try await provePassword(nothing, browser)
                #expect(visit.reply.formErrors == ["Enter your current password."])
            }
            for count in (0...9).reversed() {
                let visit = try await provePassword("Wrong-Horse-1", browser)
                #expect(visit.reply.status == 422)
                #expect(try !asksNew(visit))
                #expect(!visit.reply.text.contains("Wrong-Horse-1"))
                if count == 9 { #expect(visit.reply.formErrors[0].contains(": 9.")) }
            }
            let page5 = try await provePassword(Samples.password, browser)
            #expect(try !asksNew(page5))
            #expect(try await server.browser().signIn().reply.status == 422)
            #expect(try await phone(server) == nil)
        }
    }

    // MARK: - Forms and limits

    @Test("a form without its token, with another session's, or from elsewhere does nothing", .tags(.security))
    func forged() async throws {
        try await TestServer.run { server async throws in
            let (browser, other) = (try await server.signedIn(), try await server.signedIn("frank"))
            let form = try await browser.visit(Self.path).form(to: Self.path)
            let token = try #require(try await other.visit(Self.path).form(to: Self.path)["csrf"])
            for (changes, headers) in [
                (["csrf": nil], []), (["csrf": token], []), ([:], [("Origin", "https://evil.example")]),
                ([:], [("Origin", "null")]),
            ] as [(Changes, [(String, String)])] {
                let visit = try await browser.submit(form, changes, pressing: "send", headers: headers)
                #expect(visit.reply.status == 403)
            }
            #expect(try await server.browser().submit(form, pressing: "send").reply.status == 403)
            #expect(await server.sentCodes().isEmpty)
        }
    }

    @Test("who is not signed in is asked to, and comes back", .tags(.security))
    func signedOut() async throws {
        try await TestServer.run { server async throws in
            let browser = server.browser()
            let page = try await browser.visit(Self.path)
            #expect(page.reply.heading == "Sign in")
            let done = try await browser.enter("alice", Samples.password, on: page)
            #expect(done.lastAddress == Self.path)
            #expect(done.reply.heading == "Change phone")
        }
    }

    @Test("a disabled person's session changes nothing", .tags(.security))
    func disabled() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await askNew(on: try await proveOld(browser, server), browser)
            try await server.disable(Samples.alice)
            let late = try await verify(try await server.lastCode(to: Self.new), on: sent, browser)
            #expect(late.reply.status == 403)
            #expect(try await phone(server) == Self.old)
        }
    }

    @Test("a password step that a code to the old phone opened is over when the phone changes", .tags(.security))
    func openStep() async throws {
        try await TestServer.run { server async throws in
            let finder = server.browser()
            let start = try await finder.visit("/login")
            let sent = try await finder.askToForget("13800000001", on: try await finder.forget(on: start))
            let step = try await finder.enterForgotten(try await server.lastCode(to: Self.old), on: sent)
            var draft = UserDraft(username: "alice")
            draft.phone = Self.new
            _ = try await server.administration().changeUser(draft, of: "acme", now: server.clock.now)
            let refused = try await finder.setPassword("Better-Horse-8", on: step)
            #expect(try await !finder.isSignedIn())
            #expect(refused.reply.heading == "This sign-in has expired")
            #expect(try await server.browser().signIn("alice", "Better-Horse-8").reply.status == 422)
            #expect(try await server.browser().signIn("alice").reply.status == 200)
        }
    }

    @Test("a session that ended between the page and its answer changes nothing", .tags(.security))
    func endedMeanwhile() async throws {
        try await Backend.sqliteMemory.withDatabase { inner in
            let database = WatchedDatabase(inner)
            try await TestServer.run(over: database) { server in
                try await Samples.store(in: inner)
                // Who is signed in, what they proved, the change.
                for number in 0..<3 {
                    let browser = try await server.signedIn()
                    let sent = try await askNew(on: try await proveOld(browser, server), browser)
                    let code = try await server.lastCode(to: Self.new)
                    let done = try await database.interrupting(before: number) { inner in
                        try await inner.write { db in
                            _ = try db.execute("UPDATE sessions SET ended_at = \(server.clock.now)")
                        }
                    } during: {
                        try await verify(code, on: sent, browser)
                    }
                    #expect(done != nil)
                    #expect(try await phone(server) == Self.old, "before \(number)")
                    // Past the wait between two codes, and past the hour that counts them.
                    server.clock.advance(by: 3_700)
                }
            }
        }
    }

    @Test("codes are sent within the limits for everybody, and against a puzzle under pressure", .tags(.security))
    func limits() async throws {
        try await TestServer.run(settings: ["puzzle.phoneSends": "1"]) { server async throws in
            let browser = try await server.signedIn()
            let sent = try await askOld(browser)
            #expect(sent.reply.status == 200)
            let soon = try await askOld(browser)
            #expect(soon.reply.status == 429)
            #expect(soon.reply.formErrors == ["A code was sent just now. Try again in 60 seconds."])
            server.clock.advance(by: 60)
            let puzzle = try await askOld(browser)
            #expect(puzzle.reply.status == 422)
            #expect(try puzzle.form(to: Self.path)["puzzle"] != nil)
            let guessed = try await browser.submit(
                try puzzle.form(to: Self.path), ["puzzleSolution": "1,2,3"], pressing: "send")
            #expect(guessed.reply.status == 422)
            #expect(await server.sentCodes().count == 1)
        }
    }

    @Test("a frozen account changes nothing, with the right code", .tags(.security))
    func frozen() async throws {
        try await TestServer.run { server async throws in
            let browser = try await server.signedIn()
            let sent = try await askOld(browser)
            let stranger = server.browser()
            for _ in 1...10 { _ = try await stranger.signIn("alice", "Wrong-Horse-1") }
            let reply = try await verify(try await server.lastCode(to: Self.old), on: sent, browser).reply
            #expect(reply.formErrors == Self.refused)
            let page6 = try await browser.visit(Self.path)
            #expect(try !asksNew(page6))
        }
    }
}

extension Browser.Visit {
    /// Where a form led that was accepted; otherwise its own address.
    var lastAddress: String { trail.last ?? "" }
}
