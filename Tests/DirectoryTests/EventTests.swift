import Directory
import FoundationEssentials
import Testing
import Wire

@Suite("Events")
struct EventTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var event: Event
        var name: String
        var userID: String?
        var applicationID: String?
        var detail: String
        var testDescription: String { name }
    }

    static let signIns = [
        Case(
            event: .signIn(.succeeded(userID: "u", method: .sms, isFirst: true)), name: "sign_in.succeeded",
            userID: "u", detail: #"{"method":"sms","first":true}"#),
        Case(
            event: .signIn(.failed(userID: nil, method: .password, reason: .unknownUser)), name: "sign_in.failed",
            detail: #"{"method":"password","reason":"unknown_user"}"#),
        Case(
            event: .signIn(.frozen(userID: "u", until: Sample.now)), name: "account.frozen", userID: "u",
            detail: #"{"until":1700000000}"#),
        Case(
            event: .signIn(.passwordDue(userID: "u", method: .sms, cause: .first)), name: "sign_in.password_due",
            userID: "u", detail: #"{"method":"sms","cause":"first"}"#),
        Case(event: .signIn(.codeSent(userID: "u")), name: "sms.sent", userID: "u", detail: "{}"),
        Case(event: .signIn(.codeWithheld), name: "sms.withheld", detail: "{}"),
        Case(
            event: .signIn(.codeRefused(userID: nil, limit: .phoneDay)), name: "sms.refused",
            detail: #"{"limit":"phone_day"}"#),
        Case(
            event: .signIn(.sessionEnded(userID: "u", sessionID: "s", cause: .userDisabled)), name: "session.ended",
            userID: "u", detail: #"{"session":"s","cause":"user_disabled"}"#),
        Case(
            event: .signIn(.entered(userID: "u", applicationID: "a")), name: "application.entered", userID: "u",
            applicationID: "a", detail: "{}"),
        Case(
            event: .signIn(.accessRefused(userID: "u", applicationID: "a", decision: .notSelected)),
            name: "application.access_refused", userID: "u", applicationID: "a", detail: #"{"decision":"not_selected"}"#
        ),
    ]

    static let acts = [
        Case(event: .user(.created(userID: "u")), name: "user.created", userID: "u", detail: "{}"),
        Case(
            event: .user(.changed(userID: "u", changes: [.init(concealed: "phone")])), name: "user.changed",
            userID: "u", detail: #"{"changes":[{"field":"phone","concealed":true}]}"#),
        Case(event: .user(.disabled(userID: "u")), name: "user.disabled", userID: "u", detail: "{}"),
        Case(event: .user(.enabled(userID: "u")), name: "user.enabled", userID: "u", detail: "{}"),
        Case(
            event: .user(.passwordSet(userID: "u", cause: .forcedChange)), name: "password.set", userID: "u",
            detail: #"{"cause":"forced_change"}"#),
        Case(event: .user(.passwordCleared(userID: "u")), name: "password.cleared", userID: "u", detail: "{}"),
        Case(
            event: .user(.deleted(userID: "u", username: "lin.mei")), name: "user.deleted", userID: "u",
            detail: #"{"username":"lin.mei"}"#),
        Case(event: .user(.unfrozen(userID: "u")), name: "account.unfrozen", userID: "u", detail: "{}"),
        Case(
            event: .tenant(.smsQuotaPassed(.nearlyUsed, used: 80, limit: 100)), name: "sms.quota_passed",
            detail: #"{"mark":"nearly_used","used":80,"limit":100}"#),
        Case(
            event: .user(.groupCreated(groupID: "g", name: "研发")), name: "group.created",
            detail: #"{"group":"g","name":"研发"}"#),
        Case(event: .tenant(.created(code: "acme")), name: "tenant.created", detail: #"{"code":"acme"}"#),
        Case(
            event: .tenant(.changed(changes: [.init("name", before: "A", after: "B")])), name: "tenant.changed",
            detail: #"{"changes":[{"field":"name","before":"A","after":"B"}]}"#),
        Case(
            event: .tenant(.settingsApplied(changes: [.init("freeze.failures", before: nil, after: "5")])),
            name: "tenant.settings_applied",
            detail: #"{"changes":[{"field":"freeze.failures","before":null,"after":"5"}]}"#),
    ]

    private static let acme = DomainName(stored: "acme.example")
    static let domains = [
        Case(event: .tenant(.domain(.added(acme))), name: "domain.added", detail: #"{"domain":"acme.example"}"#),
        Case(
            event: .tenant(.domain(.verified(acme))), name: "domain.verified", detail: #"{"domain":"acme.example"}"#),
        Case(
            event: .tenant(.domain(.failed(acme, .verifiedElsewhere))), name: "domain.failed",
            detail: #"{"domain":"acme.example","reason":"verified_elsewhere"}"#),
        Case(event: .tenant(.domain(.removed(acme))), name: "domain.removed", detail: #"{"domain":"acme.example"}"#),
        Case(
            event: .tenant(.domain(.proofMissing(acme, .unproved(file: .redirected, record: .different)))),
            name: "domain.proof_missing",
            detail: #"{"domain":"acme.example","file":"redirected","cname":"different"}"#),
    ]

    static let applications = [
        Case(
            event: .application(.created(applicationID: "a", protocolKind: .cas)), name: "application.created",
            applicationID: "a", detail: #"{"protocol":"cas"}"#),
        Case(
            event: .application(.changed(applicationID: "a", changes: [])), name: "application.changed",
            applicationID: "a", detail: #"{"changes":[]}"#),
        Case(
            event: .application(.disabled(applicationID: "a")), name: "application.disabled", applicationID: "a",
            detail: "{}"),
        Case(
            event: .application(.enabled(applicationID: "a")), name: "application.enabled", applicationID: "a",
            detail: "{}"),
        Case(
            event: .application(.secretAdded(applicationID: "a", secretID: "s", label: "2026")),
            name: "application.secret_added", applicationID: "a", detail: #"{"secret":"s","label":"2026"}"#),
        Case(
            event: .application(.secretRevoked(applicationID: "a", secretID: "s", label: "2026")),
            name: "application.secret_revoked", applicationID: "a", detail: #"{"secret":"s","label":"2026"}"#),
        Case(
            event: .application(.authenticationFailed(applicationID: "a")), name: "application.authentication_failed",
            applicationID: "a", detail: "{}"),
        Case(
            event: .application(.codeReplayed(applicationID: "a", userID: "u", grantID: "g")),
            name: "authorization_code.replayed", userID: "u", applicationID: "a", detail: #"{"grant":"g"}"#),
        Case(
            event: .application(.codeForeign(applicationID: "a", grantID: "g")), name: "authorization_code.foreign",
            applicationID: "a", detail: #"{"grant":"g"}"#),
        Case(
            event: .application(.refreshTokenReused(applicationID: "a", userID: "u", grantID: "g")),
            name: "refresh_token.reused", userID: "u", applicationID: "a", detail: #"{"grant":"g"}"#),
    ]

    static let personalCentre: [Case] = [
        Case(
            event: .user(.emailCodeSent(userID: "u", isWithheld: true)), name: "email.code_sent", userID: "u",
            detail: #"{"withheld":true}"#),
        Case(
            event: .user(.emailCodeLimited(userID: "u", limit: .phoneHour)), name: "email.code_limited", userID: "u",
            detail: #"{"limit":"phone_hour"}"#),
        Case(
            event: .user(.emailCodeRefused(userID: "u", reason: .wrongCode)), name: "email.code_refused", userID: "u",
            detail: #"{"reason":"wrong_code"}"#),
        Case(event: .user(.emailVerified(userID: "u")), name: "email.verified", userID: "u", detail: "{}"),
        Case(
            event: .user(.grantsWithdrawn(userID: "u", applicationID: "a", grants: 2)), name: "grants.withdrawn",
            userID: "u", applicationID: "a", detail: #"{"grants":2}"#),
    ]

    @Test("has a stable name and tells its facts", arguments: signIns + acts + domains + applications + personalCentre)
    func facts(_ example: Case) {
        #expect(example.event.name == example.name)
        #expect(example.event.userID == example.userID)
        #expect(example.event.applicationID == example.applicationID)
        #expect(example.event.detail.text == example.detail)
    }

    @Test("no two kinds share a name")
    func names() {
        let all = Self.signIns + Self.acts + Self.domains + Self.applications + Self.personalCentre
        #expect(Set(all.map(\.name)).count == all.count)
    }

    @Test("the names of a log are all there, and each of the sign-in log is one result")
    func closedNames() {
        let signIns = Set(Self.signIns.map(\.name))
        #expect(Set(Event.names(in: .signIn)) == signIns)
        let acts = Self.acts + Self.domains + Self.applications + Self.personalCentre
        #expect(Set(Event.names(in: .audit)) == Set(acts.map(\.name)))
        #expect(SignInResult.allCases.map { SignInResult(eventName: $0.eventName) } == SignInResult.allCases)
        #expect(SignInResult(eventName: "user.created") == nil)
    }

    @Test("sign-ins are kept apart from acts of administration")
    func logs() {
        #expect(Self.signIns.allSatisfy { $0.event.log == .signIn })
        let acts = Self.acts + Self.domains + Self.applications + Self.personalCentre
        #expect(acts.allSatisfy { $0.event.log == .audit })
    }

    @Test("ids of events sort as they were made, and begin with a letter or digit, however fast they are made")
    func identifiers() {
        var random = SystemRandomNumberGenerator()
        let times = [0, 0.000_001, 0.5, 1, 60, 86_400, 3_000_000_000].map { Sample.now + $0 }
        let ids = times.map { EventRecord.identifier(at: $0, using: &random) }
        #expect(ids.map { Array($0.utf8) } == ids.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(ids.allSatisfy { $0.utf8.count == 23 && $0.first != "-" && $0.first != "_" })
        let same = (1...100).map { _ in EventRecord.identifier(at: Sample.now, using: &random) }
        #expect(Set(same).count == 100)
    }

    @Test("a concealed change holds no value", .tags(.security))
    func concealed() {
        let change = Change(concealed: "sms.huawei.secret")
        #expect(change.before == nil && change.after == nil && change.isConcealed)
    }

    @Test("an actor is a kind and a name")
    func actors() {
        let actors: [Actor] = [.user("u"), .application("a"), .operator("root"), .anonymous, .system]
        #expect(actors.map(\.kind) == ["user", "application", "operator", "anonymous", "system"])
        #expect(actors.map(\.name) == ["u", "a", "root", nil, nil])
    }
}

@Suite("Personal data does not print")
struct ConcealmentTests {
    static let everyWay: [@Sendable (Any) -> String] = [
        { "\($0)" }, { String(describing: $0) }, { String(reflecting: $0) },
        { value in
            var text = ""
            dump(value, to: &text)
            return text
        },
    ]

    @Test("however a user is printed, name, phone and e-mail stay out", .tags(.security), arguments: 0..<4)
    func user(_ way: Int) {
        let text = Self.everyWay[way](Sample.user) + Self.everyWay[way]([Sample.user.profile.phone])
        for secret in ["13800001234", "李明", "Li.Ming@acme", "0017"] { #expect(!text.contains(secret)) }
        #expect(text.contains("•••"))
    }

    @Test(
        "however the person of a log is printed, account, name and phone stay out", .tags(.security), arguments: 0..<4)
    func loggedPerson(_ way: Int) {
        let person = LoggedPerson(Sample.user)
        #expect(person.phone == "138****1234")
        #expect(Self.everyWay[way](person).contains("•••"))
        for secret in [person.account, person.name, "138****"] {
            #expect(!Self.everyWay[way]([person]).contains(secret))
        }
    }
}
