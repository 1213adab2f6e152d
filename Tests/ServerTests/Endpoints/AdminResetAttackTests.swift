import Directory
import FoundationEssentials
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("/admin/users/reset under attack")
struct AdminResetAttackTests {
    typealias Pairs = [FormURLEncoded.Pair]

    /// A form that differs in one thing from one that resets Alice's password.
    struct Attack: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var forge: @Sendable (Pairs) -> Pairs = { $0 }
        var headers: [(String, String)] = []
        var query = ""
        var status: Int
        var errors: [String] = []
    }

    private static func adding(_ name: String, _ value: String) -> @Sendable (Pairs) -> Pairs {
        { $0 + [.init(name, value)] }
    }

    private static func replacing(_ name: String, _ values: String...) -> @Sendable (Pairs) -> Pairs {
        { pairs in pairs.filter { $0.name != name } + values.map { .init(name, $0) } }
    }

    private static func many(_ count: Int) -> @Sendable (Pairs) -> Pairs {
        { $0 + (0..<count).map { .init("user", "user-\($0)") } }
    }

    static let gone = [
        "Somebody you selected is no longer there, and nothing was changed. Go back to the members and select again."
    ]
    static let own = ["Your own password cannot be reset here; change it in your account."]
    static let refused = [
        """
        The code is not right or no longer valid, or your account is frozen for a while after too many wrong attempts. \
        Nothing was changed.
        """
    ]
    static let way = ["Choose how to reset."]

    static let attacks = [
        Attack(testDescription: "no token", forge: replacing("csrf"), status: 403),
        Attack(testDescription: "an empty token", forge: replacing("csrf", ""), status: 403),
        Attack(testDescription: "an invented token", forge: replacing("csrf", "AAAA"), status: 403),
        Attack(testDescription: "the token twice", forge: adding("csrf", "AAAA"), status: 400),
        Attack(testDescription: "a foreign origin", headers: [("Origin", "https://evil.example")], status: 403),
        Attack(testDescription: "no origin at all, said", headers: [("Origin", "null")], status: 403),
        Attack(
            testDescription: "another tenant's origin", headers: [("Origin", Samples.globex.issuer)], status: 403),
        Attack(testDescription: "a query", query: "?user=user-bob", status: 400),
        Attack(testDescription: "no way", forge: replacing("way"), status: 422, errors: way),
        Attack(testDescription: "an unknown way", forge: replacing("way", "delete"), status: 422, errors: way),
        Attack(testDescription: "two ways", forge: adding("way", "one-time"), status: 400),
        Attack(testDescription: "two passwords", forge: adding("currentPassword", Samples.password), status: 400),
        Attack(
            testDescription: "two codes", forge: { $0 + [.init("code", "123456"), .init("code", "123457")] },
            status: 400),
        Attack(testDescription: "two actions", forge: adding("action", "confirm"), status: 400),
        Attack(
            testDescription: "no proof", forge: replacing("currentPassword"), status: 422,
            errors: ["Enter your current password."]),
        Attack(
            testDescription: "an empty password", forge: replacing("currentPassword", ""), status: 422,
            errors: ["Enter your current password."]),
        Attack(
            testDescription: "a wrong password", forge: replacing("currentPassword", "Wrong-Horse-1"), status: 422,
            errors: [
                "The current password is not right. Wrong attempts left before the account is frozen for a while: 9."
            ]),
        Attack(
            testDescription: "a code that was never sent, beside the right password", forge: adding("code", "123456"),
            status: 422, errors: refused),
        Attack(
            testDescription: "an empty code, beside the right password", forge: adding("code", ""), status: 422,
            errors: ["Enter the code."]),
        Attack(
            testDescription: "somebody of another tenant besides", forge: adding("user", "user-alice-globex"),
            status: 422, errors: gone),
        Attack(
            testDescription: "somebody of another tenant alone", forge: replacing("user", "user-alice-globex"),
            status: 422, errors: gone),
        Attack(testDescription: "an unknown id", forge: adding("user", "nobody"), status: 422, errors: gone),
        Attack(testDescription: "a username for an id", forge: replacing("user", "alice"), status: 422, errors: gone),
        Attack(
            testDescription: "a NUL in an id", forge: adding("user", "user-bob\u{0}"), status: 400),
        Attack(testDescription: "oneself", forge: replacing("user", "user-frank"), status: 422, errors: own),
        Attack(testDescription: "oneself among others", forge: adding("user", "user-frank"), status: 422, errors: own),
        Attack(
            testDescription: "oneself and somebody unknown",
            forge: { $0 + [.init("user", "user-frank"), .init("user", "x")] }, status: 422, errors: own + gone),
        Attack(
            testDescription: "nobody", forge: replacing("user"), status: 422, errors: ["Select members first."]),
        Attack(testDescription: "more than a hundred", forge: many(100), status: 413),
        Attack(testDescription: "five hundred", forge: many(500), status: 400),
    ]

    @Test("nothing is hashed for a code that would not hold", .tags(.security))
    func noHashing() async throws {
        let hashing = try PasswordHashing(parameters: TestServer.parameters, threads: 1, capacity: 1)
        try await TestServer.run(hashing: hashing) { server in
            let browser = try await server.administrator()
            let sent = try await browser.askForProof(try await browser.openReset([Samples.alice.id]))
            let code = try await server.lastCode(to: TestServer.administratorPhone)
            let filling: Changes = ["way": "one-time", "currentPassword": nil]
            // The only place is taken: whoever wants to hash is sent away.
            try await hashing.admitted(nil) {
                let wrong = try await browser.confirmReset(sent, filling.merging(["code": other(code)]) { $1 })
                #expect(wrong.reply.status == 422)
                let right = try await browser.confirmReset(sent, filling.merging(["code": code]) { $1 })
                #expect(right.reply.status == 503)
            }
            let done = try await browser.confirmReset(sent, filling.merging(["code": code]) { $1 })
            #expect(done.reply.status == 200)
        }
    }

    @Test("resets keep to the day of a phone and to the quota; above them they change nothing", .tags(.security))
    func limits() async throws {
        for settings in [["sms.send.perPhoneDay": "2"], ["sms.send.perTenantMonth": "2"]] {
            try await TestServer.run { server in
                try await server.set(settings)
                let browser = try await server.administrator()
                for _ in 0..<2 { _ = try await browser.reset([Samples.alice]) }
                let before = try await server.standing()
                let done = try await browser.reset([Samples.alice])
                #expect(done.reply.status == 200)
                #expect(
                    done.reply.tableRows == [
                        [
                            "alice",
                            "Not reset: too many messages to this phone today, or the quota of messages is used up",
                        ]
                    ])
                #expect(try await server.standing() == before)
            }
        }
    }

    @Test("changes nothing and tells nobody", .tags(.security), arguments: attacks)
    func nothing(_ attack: Attack) async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            _ = try await server.signedIn()
            let pairs = try await browser.openReset([Samples.alice.id]).form(to: ConsolePath.reset).sending(
                ["way": "clear", "currentPassword": Samples.password], pressing: "confirm")
            let before = try await server.standing()
            let reply = try await browser.post(
                ConsolePath.reset + attack.query, attack.forge(pairs), headers: attack.headers)
            #expect(reply.status == attack.status)
            #expect(reply.formErrors == attack.errors)
            #expect(try await server.standing() == before)
            for typed in [Samples.password, "Wrong-Horse-1", "123456"] { #expect(!reply.text.contains(typed)) }
            // What was changed is all that was wrong.
            #expect(try await browser.post(ConsolePath.reset, pairs).status == 200)
        }
    }

    @Test("who is named twice is reset once", .tags(.security))
    func twice() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let page = try await browser.openReset(["user-alice", "user-alice", "user-dave"])
            let done = try await browser.post(
                ConsolePath.reset,
                try page.form(to: ConsolePath.reset).sending(
                    ["way": "one-time", "currentPassword": Samples.password], pressing: "confirm")
                    + [.init("user", "user-alice")])
            #expect(done.tableRows.map(\.first) == ["alice", "dave"])
            #expect(try await server.notices().count == 2)
        }
    }

    @Test("the token of another session is none", .tags(.security))
    func foreignToken() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let other = try await server.signedIn("frank")
            let (page, otherPage) = (
                try await browser.openReset(["user-alice"]), try await other.openReset(["user-alice"])
            )
            let before = try await server.standing()
            let token = try #require(try otherPage.form(to: ConsolePath.reset)["csrf"])
            #expect(try await browser.confirmReset(page, ["csrf": token]).reply.status == 403)
            #expect(try await server.standing() == before)
        }
    }

    // MARK: - The right

    @Test("who has no role sees no page and no link, and can send no form", .tags(.security))
    func noRole() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            for path in ConsolePath.all where path != "/admin" {
                let reply = try await browser.get(path)
                #expect(reply.status == 403)
                #expect(reply.heading == "You may not do this")
                #expect(reply["Cache-Control"] == "no-store")
            }
            #expect(try await browser.visit("/admin").reply.status == 403)
            let token = try #require(try await browser.visit("/account").form(to: "/logout")["csrf"])
            let before = try await server.standing()
            for path in ConsolePath.forms {
                let reply = try await browser.post(
                    path,
                    [
                        .init("csrf", token), .init("user", "user-bob"), .init("way", "clear"), .init("search", "b"),
                        .init("phone", "13900000009"), .init("currentPassword", Samples.password),
                        .init("action", "confirm"),
                    ])
                #expect(reply.status == 403)
                #expect(reply.heading == "You may not do this")
                #expect(!reply.text.contains("Bob"))
            }
            #expect(try await server.standing() == before)
        }
    }

    @Test("an administrator of another tenant is none here", .tags(.security))
    func otherTenant() async throws {
        try await TestServer.run { server in
            try await server.give(to: "user-alice-globex")
            #expect(try await server.signedIn().get(ConsolePath.members).status == 403)
            let browser = try await server.signedIn(at: Samples.globex.issuer)
            let list = try await browser.get(ConsolePath.members)
            #expect(list.status == 200 && !list.text.contains("user-bob"))
            let before = try await server.standing()
            let page = try await browser.openReset(["user-bob"])
            #expect(page.reply.formErrors == Self.gone && !page.reply.text.contains("Bob"))
            let token = try #require(try await browser.visit("/account").form(to: "/logout")["csrf"])
            let reply = try await browser.post(
                ConsolePath.reset,
                [
                    .init("csrf", token), .init("user", "user-bob"), .init("way", "clear"),
                    .init("currentPassword", Samples.password), .init("action", "confirm"),
                ])
            #expect(reply.status == 422 && !reply.text.contains("Bob"))
            #expect(try await server.standing() == before)
        }
    }

    /// What is taken from the administrator.
    enum Loss: String, CaseIterable, Sendable {
        case role, session, account

        func happen(_ database: any Database, now: Date) async throws {
            try await database.write { db in
                switch self {
                case .role: try db.userRoles.remove(.administrator, ofUser: Samples.frank.id)
                case .session:
                    for session in try db.sessions.open(ofUser: Samples.frank.id) {
                        _ = try db.sessions.end(session.id, now: now)
                    }
                case .account: try db.users(Samples.sealingKey).setDisabled(now, Samples.frank.id)
                }
            }
        }
    }

    @Test(
        "what was taken since the page was shown counts at once", .tags(.security), arguments: Backend.journeys,
        Loss.allCases)
    func taken(backend: Backend, loss: Loss) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let page = try await browser.openReset(["user-alice"])
            try await loss.happen(server.database, now: server.clock.now)
            let before = try await server.standing()
            let reply = try await browser.confirmReset(page).reply
            #expect(reply.status == 403)
            #expect(reply.heading == (loss == .role ? "You may not do this" : "This page has expired"))
            #expect(try await server.standing() == before)
        }
    }

    @Test(
        "what is taken between any two transactions of the request counts: nobody acts without it", .tags(.security),
        arguments: Loss.allCases, AdminResetTests.Proof.allCases)
    func between(loss: Loss, proof: AdminResetTests.Proof) async throws {
        var number = 0
        while try await between(loss, proof, before: number) { number += 1 }
        // The session, the members, the act.
        #expect(number >= 3)
    }

    /// - Returns: Whether the request had so many transactions.
    private func between(_ loss: Loss, _ proof: AdminResetTests.Proof, before number: Int) async throws -> Bool {
        try await Backend.sqliteMemory.withDatabase { inner in
            let watched = WatchedDatabase(inner)
            return try await TestServer.run(over: watched, ledger: inner) { server in
                try await Samples.store(in: inner)
                let browser = try await server.administrator()
                var page = try await browser.openReset(["user-alice"])
                var changes: Changes = [:]
                if proof == .code {
                    page = try await browser.askForProof(page)
                    changes = [
                        "code": try await server.lastCode(to: TestServer.administratorPhone), "currentPassword": nil,
                    ]
                }
                let (form, now) = (page, server.clock.now)
                let filling = changes
                let reply = try await watched.interrupting(before: number) { database in
                    try await loss.happen(database, now: now)
                } during: {
                    try await browser.confirmReset(form, filling).reply
                }
                guard let reply else {
                    #expect(try await server.credential(of: Samples.alice)?.hash == nil)
                    return false
                }
                #expect(reply.status == 403, "before transaction \(number)")
                #expect(try await server.credential(of: Samples.alice)?.hash != nil, "before transaction \(number)")
                #expect(server.sms.messages.allSatisfy { $0.purpose != "PWD_CLEARED_SMS" })
                return true
            }
        }
    }

    // MARK: - The code

    @Test(
        "a code serves one act, in its own session and for its own purpose", .tags(.security),
        arguments: Backend.journeys)
    func oneAct(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let (browser, thief) = (try await server.administrator(), try await server.signedIn("frank"))
            let sent = try await browser.askForProof(try await browser.openReset(["user-alice"]))
            let code = try await server.lastCode(to: TestServer.administratorPhone)
            let filling: Changes = ["code": code, "currentPassword": nil]
            let before = try await server.standing()
            let stolen = try await thief.confirmReset(try await thief.openReset(["user-alice"]), filling)
            #expect(stolen.reply.status == 422 && stolen.reply.formErrors == Self.refused)
            #expect(try await server.standing() == before)
            #expect(try await browser.confirmReset(sent, filling).reply.status == 200)
            let after = try await server.standing()
            for page in [sent, try await browser.openReset(["user-dave"])] {
                let again = try await browser.confirmReset(page, filling)
                #expect(again.reply.status == 422 && again.reply.formErrors == Self.refused)
            }
            #expect(try await server.standing() == after)
        }
    }

    @Test("a code for signing in or for changing the phone is none", .tags(.security))
    func otherPurpose() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let page = try await browser.openReset(["user-alice"])
            let before = try await server.standing()
            let stranger = server.browser()
            _ = try await stranger.askForCode("13800000006", on: try await stranger.visit("/"))
            var codes = [try await server.lastCode(to: TestServer.administratorPhone)]
            server.clock.advance(by: 60)
            let own = try await browser.visit("/account/phone")
            _ = try await browser.submit(try own.form(to: "/account/phone"), pressing: "send")
            codes.append(try await server.lastCode(to: TestServer.administratorPhone))
            for code in codes {
                let reply = try await browser.confirmReset(page, ["code": code, "currentPassword": nil]).reply
                #expect(reply.status == 422 && reply.formErrors == Self.refused)
            }
            #expect(Set(server.sms.messages.map(\.purpose)) == ["LOGIN_SMS", "UPDATE_MOBILE_SMS"])
            #expect(try await server.standing() == before)
        }
    }

    @Test("and this one does not sign in, nor change the own phone", .tags(.security))
    func elsewhere() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            _ = try await browser.askForProof(try await browser.openReset(["user-alice"]))
            let code = try await server.lastCode(to: TestServer.administratorPhone)
            let stranger = server.browser()
            let start = try await stranger.visit("/")
            let reply = try await stranger.submit(
                try start.phoneForm, ["phone": "13800000006", "code": code], pressing: "verify"
            ).reply
            #expect(reply.status == 422)
            let own = try await browser.visit("/account/phone")
            let proved = try await browser.submit(
                try own.form(to: "/account/phone"), ["code": code, "action": "verify"])
            #expect(proved.reply.status == 422)
        }
    }

    @Test("a code that has run out, or that a newer one replaced, is refused", .tags(.security))
    func late() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let sent = try await browser.askForProof(try await browser.openReset(["user-alice"]))
            let old = try await server.lastCode(to: TestServer.administratorPhone)
            let before = try await server.standing()
            server.clock.advance(by: 300)
            let filling: Changes = ["code": old, "currentPassword": nil]
            #expect(try await browser.confirmReset(sent, filling).reply.formErrors == Self.refused)
            let newer = try await browser.askForProof(sent)
            #expect(try await browser.confirmReset(newer, filling).reply.formErrors == Self.refused)
            #expect(try await server.standing() == before)
            let code = try await server.lastCode(to: TestServer.administratorPhone)
            #expect(try await browser.confirmReset(newer, ["code": code, "currentPassword": nil]).reply.status == 200)
        }
    }

    @Test("an unknown member leaves the code unused", .tags(.security))
    func unused() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let sent = try await browser.askForProof(try await browser.openReset(["user-alice"]))
            let code = try await server.lastCode(to: TestServer.administratorPhone)
            let pairs = try sent.form(to: ConsolePath.reset).sending(["code": code], pressing: "confirm")
            let refused = try await browser.post(ConsolePath.reset, pairs + [.init("user", "nobody")])
            #expect(refused.formErrors == Self.gone)
            #expect(try await browser.post(ConsolePath.reset, pairs).status == 200)
        }
    }

    @Test("one form sent many times at once with one code acts once", .tags(.security), arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let sent = try await browser.askForProof(try await browser.openReset(["user-alice", "user-dave"]))
            let code = try await server.lastCode(to: TestServer.administratorPhone)
            let pairs = try sent.form(to: ConsolePath.reset).sending(
                ["code": code, "way": "one-time"], pressing: "confirm")
            let replies = try await inParallel(6) { _ in try await browser.post(ConsolePath.reset, pairs) }
            #expect(replies.filter { $0.status == 200 }.count == 1)
            #expect(replies.filter { $0.status == 422 && $0.formErrors == Self.refused }.count == 5)
            #expect(
                try await server.notices().sorted() == ["NEW_PWD_SMS +8613800000001", "NEW_PWD_SMS +8613800000004"])
            let version = try await server.credential(of: Samples.alice)?.version
            #expect(version == 2)
        }
    }

    @Test(
        "of two administrators who reset each other at once, one does and the other is out", .tags(.security),
        arguments: Backend.journeys)
    func eachOther(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            try await server.give(to: "user-alice")
            let browsers = [try await server.administrator(), try await server.signedIn()]
            let pages = [
                try await browsers[0].openReset(["user-alice"]), try await browsers[1].openReset(["user-frank"]),
            ]
            let replies = try await inParallel(2) { try await browsers[$0].confirmReset(pages[$0]).reply.status }
            // The other one's session has ended, or the password is cleared already when it is verified.
            #expect([[200, 403], [200, 422]].contains(replies.sorted()))
            #expect(try await server.notices().count == 1)
            let cleared = [
                try await server.credential(of: Samples.alice), try await server.credential(of: Samples.frank),
            ].filter { $0?.hash == nil }
            #expect(cleared.count == 1)
        }
    }

    @Test("a batch gets through while its members ask for codes", arguments: Backend.journeys)
    func busy(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let page = try await browser.openReset(["user-erin", "user-bob", "user-dave", "user-alice"])
            var starts: [(Browser, Browser.Visit)] = []
            for _ in 1...5 {
                let member = server.browser()
                starts.append((member, try await member.visit("/")))
            }
            let members = starts
            let statuses = try await inParallel(6) { number in
                guard number > 0 else { return try await browser.confirmReset(page).reply.status }
                let (member, start) = members[number - 1]
                return try await member.askForCode("1380000000\(number)", on: start).reply.status
            }
            #expect(statuses.allSatisfy { $0 == 200 })
            #expect(try await server.notices().count == 4)
        }
    }

    // MARK: - Guessing

    @Test(
        "wrong proofs of either kind count together, like those at sign-in, and freeze the administrator's account",
        .tags(.security), arguments: Backend.journeys)
    func freeze(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = try await server.administrator()
            let page = try await browser.openReset(["user-alice"])
            let sent = try await browser.askForProof(page)
            let code = try await server.lastCode(to: TestServer.administratorPhone)
            let before = try await server.standing()
            for _ in 1...4 {
                let wrong: Changes = ["code": other(code), "currentPassword": nil]
                #expect(try await browser.confirmReset(sent, wrong).reply.formErrors == Self.refused)
            }
            for left in (1...5).reversed() {
                let reply = try await browser.confirmReset(page, ["currentPassword": "Wrong-Horse-1"]).reply
                #expect(reply.formErrors.first?.hasSuffix(": \(left).") == true)
            }
            _ = try await server.browser().signIn("frank", "Wrong-Horse-1")
            let right: [Changes] = [["code": code, "currentPassword": nil], [:]]
            for (form, changes) in zip([sent, page], right) {
                #expect(try await browser.confirmReset(form, changes).reply.status == 422)
            }
            #expect(try await server.browser().signIn("frank").reply.status == 422)
            #expect(try await server.standing() == before)
            #expect(try await server.events().contains { $0.hasPrefix("account.frozen") })
            server.clock.advance(by: 900)
            #expect(try await browser.confirmReset(page).reply.status == 200)
        }
    }

    @Test("no administrator ends their own freeze, or guessing would have no end", .tags(.security))
    func ownFreeze() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let page = try await browser.openReset(["user-alice"])
            for _ in 1...9 { _ = try await browser.confirmReset(page, ["currentPassword": "Wrong-Horse-1"]) }
            let counted = try await server.throttle(of: Samples.frank)
            let list = try await browser.visit(ConsolePath.members)
            let form = try list.form(to: ConsolePath.reset)
            for ids in [["user-frank"], ["user-alice", "user-frank"]] {
                let pairs = form.sending() + ids.map { .init("user", $0) }
                #expect(try await browser.post(ConsolePath.unfreeze, pairs).status == 403)
            }
            #expect(try await server.throttle(of: Samples.frank) == counted && counted?.failures == 9)
        }
    }

    @Test("a right password forgets the wrong ones, and each act asks for it anew", .tags(.security))
    func everyTime() async throws {
        try await TestServer.run { server in
            let browser = try await server.administrator()
            let page = try await browser.openReset(["user-alice"])
            for _ in 1...5 { _ = try await browser.confirmReset(page, ["currentPassword": "Wrong-Horse-1"]) }
            #expect(try await browser.confirmReset(page).reply.status == 200)
            #expect(try await server.throttle(of: Samples.frank) == nil)
            let next = try await browser.openReset(["user-dave"])
            #expect(try next.form(to: ConsolePath.reset)["currentPassword"] == "")
            #expect(try await browser.confirmReset(next, ["currentPassword": ""]).reply.status == 422)
            #expect(try await server.credential(of: Samples.dave)?.hash != nil)
        }
    }
}
