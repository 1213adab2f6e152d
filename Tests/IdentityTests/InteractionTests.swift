import Cryptography
import Directory
import FoundationEssentials
import Identity
import Testing

@Suite("Interactions are bound to the browser that began")
struct InteractionTests {
    static let now = Sample.now
    static let request = Interaction.Request(
        resume: "oauth2 client_id=a", requirement: .fresh, applicationID: "a-1",
        destinationOrigin: "https://wiki.example")

    static let interaction = Interaction(
        id: "i-1", tenantID: "t-1", browserHash: OpaqueToken.hash(of: "secret"), request: request, lifetime: 1_800,
        now: now)

    @Test("begins with the choice of a method and what the endpoint handed over")
    func begins() {
        #expect(Self.interaction.state == .choosingMethod)
        #expect(Self.interaction.resume == Self.request.resume)
        #expect(Self.interaction.requirement == .fresh)
        #expect(Self.interaction.destinationOrigin == "https://wiki.example")
        #expect(Self.interaction.applicationID == "a-1")
        #expect(Self.interaction.expiresAt == Self.now + 1_800)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var secret: String? = "secret"
        var tenantID = "t-1"
        var after: TimeInterval = 1_799
        var admission: Interaction.Admission
    }

    @Test(
        "admits that browser at that tenant in time", .tags(.security),
        arguments: [
            Case(testDescription: "all right", admission: .admitted),
            Case(testDescription: "another browser", secret: "other", admission: .foreign),
            Case(testDescription: "no cookie", secret: nil, admission: .foreign),
            Case(testDescription: "empty cookie", secret: "", admission: .foreign),
            Case(testDescription: "the hash as cookie", secret: OpaqueToken.hash(of: "secret"), admission: .foreign),
            Case(testDescription: "another tenant", tenantID: "t-2", admission: .foreign),
            Case(testDescription: "late", after: 1_800, admission: .expired),
            Case(testDescription: "late and another browser", secret: "other", after: 1_800, admission: .foreign),
        ])
    func admission(_ example: Case) {
        #expect(
            Self.interaction.admission(
                browserSecret: example.secret, tenantID: example.tenantID, now: Self.now + example.after)
                == example.admission)
    }
}

@Suite("A form's token belongs to one browser, one scope, one installation")
struct CSRFTokenTests {
    static let token = CSRFToken.make(browserSecret: "secret", scope: .interaction("i-1"), key: Sample.key)

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var presented: String? = token
        var secret: String? = "secret"
        var scope = CSRFToken.Scope.interaction("i-1")
        var key = Sample.key
    }

    @Test("is valid where it was made")
    func valid() {
        let right = Case(testDescription: "")
        #expect(
            CSRFToken.isValid(right.presented, browserSecret: right.secret, scope: right.scope, key: right.key))
        #expect(Self.token.utf8.count == 43)
    }

    @Test(
        "is invalid anywhere else", .tags(.security),
        arguments: [
            Case(testDescription: "absent", presented: nil), Case(testDescription: "empty", presented: ""),
            Case(testDescription: "cut", presented: String(token.dropLast())),
            Case(testDescription: "longer", presented: token + "A"),
            Case(testDescription: "no cookie", secret: nil), Case(testDescription: "another cookie", secret: "secreT"),
            Case(testDescription: "another interaction", scope: .interaction("i-2")),
            Case(testDescription: "a session of that id", scope: .session("i-1")),
            Case(testDescription: "another installation", key: [1, 2, 3]),
        ])
    func invalid(_ example: Case) {
        #expect(
            !CSRFToken.isValid(
                example.presented, browserSecret: example.secret, scope: example.scope, key: example.key))
    }

    @Test("parts do not run into each other", .tags(.security))
    func boundaries() {
        let one = CSRFToken.make(browserSecret: "bc", scope: .interaction("a"), key: Sample.key)
        let other = CSRFToken.make(browserSecret: "c", scope: .interaction("ab"), key: Sample.key)
        #expect(one != other)
    }
}
