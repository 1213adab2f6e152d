import Cryptography
import Directory
import FoundationEssentials
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/join: coming in by an invitation", .timeLimit(.minutes(10)))
struct JoinPageTests {
    static let phone = "13900000001"
    static let stored = "+8613900000001"

    @Test(
        "by a link: code to the phone, a member, a first password, and on to where the person was going",
        arguments: Backend.journeys)
    func whole(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.invite { $0.useLimit = 2 }
            let browser = server.browser()
            let signIn = try await browser.visit(authorize())
            let link = "/join?i=\(try signIn.interactionID)"
            #expect(signIn.reply.text.contains("href=\"\(link)\""))
            let page = try await browser.visit(link)
            #expect(page.reply.status == 200)
            #expect(page.reply.heading == "Join with an invitation")
            let sent = try await browser.askToJoin(Self.phone, on: page, ["invitation": " abcd 2345"])
            #expect(sent.reply.status == 200)
            #expect(try sent.form(to: JoinPath.join)["name"] == "Grace Gold")
            let messages = await server.sentCodes()
            #expect(messages.last?.text.contains("registration code") == true)
            let joined = try await browser.join(
                with: try await server.lastCode(to: Self.stored), on: sent, ["username": "grace"])
            #expect(joined.reply.heading == "Set a password")
            #expect(joined.reply.text.contains("grace"))
            let member = try #require(try await server.member(with: Self.stored))
            #expect(member.username.text == "grace" && member.profile.name == "Grace Gold")
            #expect(member.status == .pending)
            let departments = try await server.database.read { db in try db.departments.ofUser(member.id) }
            #expect(departments == [TestServer.sales])
            #expect(try await server.invitations().map(\.uses) == [1])
            #expect(try await browser.isSignedIn() == false)
            let done = try await browser.setPassword("Better-Horse-8", on: joined)
            #expect(done.departure?.hasPrefix("https://notes.example/cb?code=") == true)
            #expect(try await server.user(member)?.status == .active)
            let notices = try await server.notices()
            #expect(notices == ["NEW_MEMBER_SMS \(Self.stored)"])
            let text = server.sms.messages.last { $0.purpose == "NEW_MEMBER_SMS" }?.text ?? ""
            #expect(text.contains("grace") && text.contains("https://sso.acme.example"))
            let events = try await server.events()
            for name in ["user.created", "invitation.used", "sign_in.password_due", "sign_in.succeeded"] {
                #expect(events.contains { $0.hasPrefix(name) }, "\(name)")
            }
            for secret in ["ABCD2345", "ABCD-2345", Self.phone, "Grace"] {
                #expect(events.allSatisfy { !$0.contains(secret) })
                #expect(server.log.lines.allSatisfy { !$0.contains(secret) })
            }
        }
    }

    @Test("without a link from elsewhere it ends at the portal; a name is made where none is wanted")
    func portal() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let browser = server.browser()
            let joined = try await browser.joinByLink(Self.phone, server)
            #expect(joined.reply.heading == "Set a password")
            let done = try await browser.setPassword("Better-Horse-8", on: joined)
            #expect(done.trail.last == "/" && done.reply.status == 200)
            let name = try #require(try await server.member(with: Self.stored)).username.text
            #expect(name.count == 8 && name.hasPrefix("m"))
        }
    }

    @Test("somebody who leaves at the password comes in by SMS later, as every new member")
    func abandoned() async throws {
        try await TestServer.run { server in
            try await server.invite()
            _ = try await server.browser().joinByLink(Self.phone, server)
            server.clock.advance(by: 120)
            let browser = server.browser()
            let sent = try await browser.askForCode(Self.phone, on: try await browser.visit("/"))
            let page = try await browser.enterCode(try await server.lastCode(to: Self.stored), on: sent)
            #expect(page.reply.heading == "Set a password")
        }
    }

    @Test("where codes are no way in, the new password is to be used first", .tags(.security))
    func withoutSMS() async throws {
        try await TestServer.run { server in
            try await server.invite()
            try await server.set(["signIn.methods": "password"])
            let browser = server.browser()
            let joined = try await browser.joinByLink(Self.phone, server, ["username": "grace"])
            let saved = try await browser.setPassword("Better-Horse-8", on: joined)
            #expect(saved.reply.heading == "Sign in")
            #expect(try await browser.isSignedIn() == false)
            #expect(try await browser.enter("grace", "Better-Horse-8", on: saved).reply.status == 200)
        }
    }

    @Test("who proved a phone gets no initial password, which others know", .tags(.security))
    func initialPassword() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let context = "setting/\(Samples.acme.id)/password.initial"
            let sealed = Samples.sealingKey.seal(Array(Samples.passwordHash.utf8), context: context)
            try await server.set(["password.initial": sealed])
            let joined = try await server.browser().joinByLink(Self.phone, server)
            #expect(joined.reply.heading == "Set a password")
            let member = try #require(try await server.member(with: Self.stored))
            let credential = try await server.database.read { db in try db.credentials.ofUser(member.id) }
            #expect(credential == nil)
        }
    }

    @Test("the sign-in page has a link to it only while some department lets people in")
    func link() async throws {
        try await TestServer.run { server in
            let text = "Join with an invitation code"
            #expect(try await server.browser().visit("/").reply.text.contains(text) == false)
            try await server.invite()
            server.clock.advance(by: 10)
            #expect(try await server.browser().visit("/").reply.text.contains(text))
            #expect(try await server.browser(at: Samples.globex.issuer).visit("/").reply.text.contains(text) == false)
            try await server.turn(false)
            server.clock.advance(by: 10)
            #expect(try await server.browser().visit("/").reply.text.contains(text) == false)
        }
    }

    // MARK: - Invitations that do not work

    struct Bad: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var typed = "ABCD-2345"
        var change: @Sendable (inout Invitation) -> Void = { _ in }
        var isOn = true
        var tenant = Samples.acme
    }

    static let bad = [
        Bad(testDescription: "another code", typed: "ABCD-2346"),
        Bad(testDescription: "no code at all", typed: "hello"),
        Bad(testDescription: "revoked", change: { $0.revokedAt = FixedClock.start }),
        Bad(testDescription: "expired", change: { $0.expiresAt = FixedClock.start }),
        Bad(testDescription: "used up", change: { ($0.useLimit, $0.uses) = (1, 1) }),
        Bad(testDescription: "switched off", isOn: false),
        Bad(testDescription: "another tenant's", tenant: Samples.globex),
    ]

    @Test(
        "whatever is wrong with an invitation, the words are the same, and no message is sent", .tags(.security),
        arguments: bad)
    func words(_ bad: Bad) async throws {
        try await TestServer.run { server in
            try await server.invite("ABCD-2345", into: TestServer.sales, bad.change)
            try await server.turn(bad.isOn)
            let browser = server.browser(at: bad.tenant.issuer)
            let page = try await browser.openJoin(bad.typed)
            #expect(page.reply.status == 200)
            let visit = try await browser.askToJoin(Self.phone, on: page)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == badInvitation)
            #expect(try visit.form(to: JoinPath.join)["phone"] == Self.phone)
            #expect(await server.sentCodes().isEmpty)
            let failed = #"sign_in.failed {"method":"sms","reason":"bad_invitation"}"#
            #expect(try await server.events(of: bad.tenant.id) == [failed])
        }
    }

    @Test(
        "an invitation that ends while the person types is refused in the end too, and nobody is made",
        .tags(.security), arguments: bad.dropFirst(2))
    func meanwhile(_ bad: Bad) async throws {
        try await TestServer.run { server in
            let before = try await server.everybody()
            let invitation = try await server.invite()
            let browser = server.browser()
            let sent = try await browser.askToJoin(Self.phone, on: try await browser.openJoin())
            var changed = invitation
            bad.change(&changed)
            try await server.change { [changed] db in
                try db.execute(
                    """
                    UPDATE invitations SET revoked_at = \(changed.revokedAt), expires_at = \(changed.expiresAt),
                        use_limit = \(changed.useLimit), uses = \(changed.uses), tenant_id = \(bad.tenant.id)
                    """)
            }
            try await server.turn(bad.isOn)
            let visit = try await browser.join(with: try await server.lastCode(to: Self.stored), on: sent)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == badInvitation)
            #expect(try await server.everybody() == before)
        }
    }

    @Test("wrong codes of invitations cost puzzles first, and then the address waits", .tags(.security))
    func guessing() async throws {
        let settings = ["puzzle.addressFailures": "2", "address.failures": "4", "puzzle.work": "4"]
        try await TestServer.run(settings: settings) { server in
            try await server.invite()
            let browser = server.browser()
            var page = try await browser.openJoin("ABCD-2346")
            for _ in 0..<2 {
                page = try await browser.askToJoin(Self.phone, on: page)
                #expect(page.reply.formErrors == badInvitation)
            }
            // From now on the right one costs a puzzle as well: it cannot be told from a wrong one.
            let unsolved = try await browser.askToJoin(Self.phone, on: page, ["invitation": "ABCD-2345"])
            #expect(unsolved.reply.formErrors == puzzleFirst)
            #expect(await server.sentCodes().isEmpty)
            let solved = try await browser.askToJoin(
                Self.phone, on: unsolved, ["invitation": "ABCD-2345"].merging(try unsolved.solution) { $1 })
            #expect(solved.reply.status == 200)
            #expect(await server.sentCodes().count == 1)
            for _ in 0..<2 {
                page = try await browser.visit(try JoinPath.join + "?i=" + page.interactionID)
                page = try await browser.askToJoin(
                    Self.phone, on: page, ["invitation": "ABCD-2346"].merging(try page.solution) { $1 })
            }
            #expect(page.reply.formErrors == badInvitation)
            let paused = try await browser.askToJoin(Self.phone, on: page, ["invitation": "ABCD-2345"])
            #expect(paused.reply.status == 429)
            #expect(paused.reply["Retry-After"] == "900")
        }
    }

    @Test("under both kinds of pressure one puzzle is enough for one message")
    func onePuzzle() async throws {
        let settings = ["puzzle.addressFailures": "1", "puzzle.addressSends": "1", "puzzle.work": "4"]
        try await TestServer.run(settings: settings) { server in
            try await server.invite()
            let browser = server.browser()
            let first = try await browser.askToJoin("13900000002", on: try await browser.openJoin())
            #expect(first.reply.status == 200)
            let wrong = try await browser.askToJoin(Self.phone, on: first, ["invitation": "ABCD-2346"])
            let right: Changes = ["invitation": "ABCD-2345"]
            let sent = try await browser.askToJoin(Self.phone, on: wrong, right.merging(try wrong.solution) { $1 })
            #expect(sent.reply.status == 200)
            #expect(try await server.lastCode(to: Self.stored).count == 6)
        }
    }

    // MARK: - Phones

    @Test("a member's phone is told so after the code, and not before; nothing is used", .tags(.security))
    func isMember() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let before = try await server.everybody()
            let known = server.browser()
            let unknown = server.browser()
            let toKnown = try await known.askToJoin("13800000001", on: try await known.openJoin())
            let toUnknown = try await unknown.askToJoin("13900000001", on: try await unknown.openJoin())
            #expect(toKnown.reply.status == toUnknown.reply.status)
            let plain = { (visit: Browser.Visit, phone: String) throws in
                let form = try visit.form(to: JoinPath.join)
                var text = visit.reply.text.replacing(phone, with: "PHONE")
                for field in ["csrf", "i"] { text = text.replacing(form[field] ?? "", with: field) }
                return text
            }
            #expect(try plain(toKnown, "13800000001") == plain(toUnknown, "13900000001"))
            let visit = try await known.join(
                with: try await server.lastCode(to: "+8613800000001"), on: toKnown)
            #expect(visit.reply.status == 200)
            #expect(visit.reply.heading == "You are a member already")
            #expect(try await server.everybody() == before)
            #expect(try await server.invitations().map(\.uses) == [0])
            #expect(try await known.isSignedIn() == false)
            #expect(try await server.notices() == [])
        }
    }

    @Test("asking for a code costs a known phone the same statements", .tags(.security))
    func sameWork() async throws {
        try await Backend.sqliteMemory.withDatabase { database in
            let counting = CountingDatabase(database)
            try await TestServer.run(over: counting) { server in
                try await Samples.store(in: counting)
                try await server.invite()
                var seen: [[String]] = []
                for phone in ["13800000001", "13800000003", "13900000001"] {
                    let browser = server.browser()
                    let page = try await browser.openJoin()
                    seen.append(
                        try await counting.statements { _ = try await browser.askToJoin(phone, on: page) })
                }
                #expect(seen[0].count > 10)
                #expect(seen[0] == seen[2])
                #expect(seen[1] == seen[2])
            }
        }
    }

    @Test("a disabled member is told the same as any other, and stays out", .tags(.security))
    func disabledMember() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let visit = try await server.browser().joinByLink("13800000003", server)
            #expect(visit.reply.heading == "You are a member already")
        }
    }

    @Test("a wrong code makes nobody, and five of them end it", .tags(.security))
    func wrongCode() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let browser = server.browser()
            let sent = try await browser.askToJoin(Self.phone, on: try await browser.openJoin())
            let code = try await server.lastCode(to: Self.stored)
            for _ in 0..<5 {
                let visit = try await browser.join(with: other(code), on: sent)
                #expect(visit.reply.formErrors == [ForgottenPasswordPageTests.refused])
                #expect(try visit.form(to: JoinPath.join)["code"] == "")
            }
            let visit = try await browser.join(with: code, on: sent)
            #expect(visit.reply.formErrors == [ForgottenPasswordPageTests.refused])
            #expect(try await server.member(with: Self.stored) == nil)
            #expect(try await server.invitations().map(\.uses) == [0])
        }
    }

    @Test("a code serves the browser and the purpose it was asked for", .tags(.security))
    func foreignCode() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let browser = server.browser()
            _ = try await browser.askToJoin(Self.phone, on: try await browser.openJoin())
            let code = try await server.lastCode(to: Self.stored)
            let thief = server.browser()
            let page = try await thief.openJoin()
            let stolen = try await thief.join(with: code, on: page, ["phone": Self.phone, "name": "Thief"])
            #expect(stolen.reply.formErrors == [ForgottenPasswordPageTests.refused])
            // A member's code for registering does not sign the member in.
            let member = server.browser()
            let start = try await member.visit("/")
            let join = try await member.visit("/join?i=\(try start.interactionID)")
            _ = try await member.askToJoin("13800000001", on: join, ["invitation": "ABCD-2345"])
            let other = try await server.lastCode(to: "+8613800000001")
            let entered = try await member.enterCode(other, on: start, ["phone": "13800000001"])
            #expect(entered.reply.status == 422)
            #expect(try await server.member(with: Self.stored) == nil)
        }
    }

    // MARK: - In parallel

    @Test("a form sent many times at once makes one member", .tags(.security), arguments: Backend.journeys)
    func twice(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.invite()
            let before = try await server.everybody()
            let browser = server.browser()
            let sent = try await browser.askToJoin(Self.phone, on: try await browser.openJoin())
            let code = try await server.lastCode(to: Self.stored)
            let visits = try await inParallel(6) { _ in try await browser.join(with: code, on: sent) }
            #expect(visits.allSatisfy { $0.reply.heading == "Set a password" })
            #expect(try await server.everybody() == before + 1)
            #expect(try await server.invitations().map(\.uses) == [1])
            #expect(try await server.notices() == ["NEW_MEMBER_SMS \(Self.stored)"])
        }
    }

    @Test("the last use of an invitation has one winner", .tags(.security), arguments: Backend.journeys)
    func lastUse(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.invite { $0.useLimit = 1 }
            let before = try await server.everybody()
            var ready: [(Browser, Browser.Visit, String)] = []
            for number in 1...6 {
                let browser = server.browser()
                let phone = "1390000000\(number)"
                let sent = try await browser.askToJoin(phone, on: try await browser.openJoin())
                ready.append((browser, sent, try await server.lastCode(to: "+86" + phone)))
            }
            let visits = try await inParallel(6) { [ready] number in
                try await ready[number].0.join(with: ready[number].2, on: ready[number].1)
            }
            #expect(visits.filter { $0.reply.heading == "Set a password" }.count == 1)
            #expect(visits.filter { $0.reply.formErrors == badInvitation }.count == 5)
            #expect(try await server.everybody() == before + 1)
            #expect(try await server.invitations().map(\.uses) == [1])
        }
    }

    // MARK: - Names

    @Test("a name that is somebody's is told after the phone is proved, five times at most", .tags(.security))
    func usernames() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let browser = server.browser()
            let sent = try await browser.askToJoin(Self.phone, on: try await browser.openJoin())
            let code = try await server.lastCode(to: Self.stored)
            let unproved = try await browser.join(with: other(code), on: sent, ["username": "alice"])
            #expect(unproved.reply.formErrors == [ForgottenPasswordPageTests.refused])
            let taken = """
                This account name cannot be had. Choose another, or leave the field empty. Then enter the code once more.
                """
            for name in ["ALICE", "E-1", "bob"] {
                let visit = try await browser.join(with: code, on: sent, ["username": name])
                #expect(visit.reply.formErrors == [taken])
                #expect(try visit.form(to: JoinPath.join)["username"] == name)
            }
            let done = try await browser.join(with: code, on: sent, ["username": "grace"])
            #expect(done.reply.heading == "Set a password")
            #expect(try await server.member(with: Self.stored)?.username.text == "grace")
        }
    }

    @Test("tries of names end with the tries of the code", .tags(.security))
    func usernamesEnd() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let browser = server.browser()
            let sent = try await browser.askToJoin(Self.phone, on: try await browser.openJoin())
            let code = try await server.lastCode(to: Self.stored)
            for _ in 0..<5 { _ = try await browser.join(with: code, on: sent, ["username": "alice"]) }
            let visit = try await browser.join(with: code, on: sent, ["username": "alice"])
            #expect(visit.reply.formErrors == [ForgottenPasswordPageTests.refused])
        }
    }

    struct Field: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: Changes
        var error: String
    }

    static let fields = [
        Field(testDescription: "no name", changes: ["name": ""], error: "Enter your name."),
        Field(
            testDescription: "a line break in the name", changes: ["name": "a\nb"],
            error: "A name has 1 to 128 characters and no control characters."),
        Field(
            testDescription: "a direction mark", changes: ["name": "a\u{202E}b"],
            error: "A name has 1 to 128 characters and no control characters."),
        Field(testDescription: "no phone", changes: ["phone": ""], error: "Enter your phone number."),
        Field(testDescription: "no invitation", changes: ["invitation": ""], error: "Enter the invitation code."),
        Field(
            testDescription: "somebody's phone for a name", changes: ["username": "13800000001"],
            error: """
                An account name has letters, Chinese characters, digits, dots, hyphens and underscores only, and is \
                nobody else's phone number.
                """),
        Field(
            testDescription: "markup in the account name", changes: ["username": "<b>"],
            error: """
                An account name has letters, Chinese characters, digits, dots, hyphens and underscores only, and is \
                nobody else's phone number.
                """),
    ]

    @Test("comes back with a sentence that helps", .tags(.security), arguments: fields)
    func comesBack(_ field: Field) async throws {
        try await TestServer.run { server in
            try await server.invite()
            let before = try await server.everybody()
            let browser = server.browser()
            let sent = try await browser.askToJoin(Self.phone, on: try await browser.openJoin())
            let code = try await server.lastCode(to: Self.stored)
            let visit = try await browser.join(with: code, on: sent, field.changes)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == [field.error])
            #expect(try visit.form(to: JoinPath.join)["code"] == "")
            #expect(try await server.everybody() == before)
        }
    }

    @Test("a name with markup is a name", .tags(.security))
    func markup() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let browser = server.browser()
            let name = "<script>alert(1)</script>{{csrf}}"
            let sent = try await browser.askToJoin(Self.phone, on: try await browser.openJoin(), ["name": name])
            #expect(!sent.reply.text.contains("<script>alert"))
            #expect(try sent.form(to: JoinPath.join)["name"] == name)
            _ = try await browser.join(with: try await server.lastCode(to: Self.stored), on: sent)
            #expect(try await server.member(with: Self.stored)?.profile.name == name)
        }
    }

    // MARK: - Forms

    @Test("a form without its token, or with another's, does nothing", .tags(.security), arguments: [nil, "x"])
    func csrf(_ token: String?) async throws {
        try await TestServer.run { server in
            try await server.invite()
            let browser = server.browser()
            let visit = try await browser.askToJoin(
                Self.phone, on: try await browser.openJoin(), ["csrf": token])
            #expect(visit.reply.status == 403)
            #expect(await server.sentCodes().isEmpty)
        }
    }

    @Test("another browser's interaction does not exist here", .tags(.security))
    func foreignInteraction() async throws {
        try await TestServer.run { server in
            try await server.invite()
            let page = try await server.browser().openJoin()
            let thief = server.browser()
            _ = try await thief.visit("/")
            let visit = try await thief.askToJoin(Self.phone, on: page)
            #expect(visit.reply.status == 400)
            #expect(visit.reply.heading == "This sign-in has expired")
        }
    }

    @Test(
        "a repeated field is refused", .tags(.security),
        arguments: ["invitation", "phone", "code", "name", "username", "action", "csrf", "i"])
    func repeated(_ name: String) async throws {
        try await TestServer.run { server in
            try await server.invite()
            let browser = server.browser()
            let page = try await browser.openJoin()
            let form = try page.form(to: JoinPath.join)
            let pairs = form.sending(["phone": Self.phone, "name": "Grace", "code": "123456"], pressing: "verify")
            let value = pairs.first { $0.name == name }?.value ?? ""
            let reply = try await browser.post(JoinPath.join, pairs + [.init(name, value)])
            #expect(reply.status == 400)
        }
    }
}
