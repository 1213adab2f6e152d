import OAuth2
import Testing

@Suite("RFC 7591 §2 Client metadata: what can be registered")
struct ClientTests {
    @Test("the defaults of each kind are in order", arguments: Client.Kind.allCases)
    func defaults(_ kind: Client.Kind) throws {
        let client = try Sample.client(kind)
        #expect(client.problems.isEmpty)
        #expect(client.mustUsePKCE)
        #expect(client.authenticationMethods == (kind == .public ? [.none] : [.basic, .post]))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var id = "s6BhdRkqt3"
        var kind = Client.Kind.confidential
        var change: @Sendable (inout Client) -> Void = { _ in }
        var problem: Client.Problem
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            Refusal(testDescription: "an empty id", id: "", problem: .id),
            Refusal(testDescription: "a long id", id: String(repeating: "a", count: 129), problem: .id),
            Refusal(testDescription: "a space in an id", id: "a b", problem: .id),
            Refusal(testDescription: "a plus in an id", id: "a+b", problem: .id),
            Refusal(testDescription: "a percent in an id", id: "a%20b", problem: .id),
            Refusal(testDescription: "an id outside ASCII", id: "客户", problem: .id),
            Refusal(
                testDescription: "a public client with a secret", kind: .public,
                change: { $0.authenticationMethods = [.none, .basic] }, problem: .authenticationMethods),
            Refusal(
                testDescription: "a confidential client that need not authenticate",
                change: { $0.authenticationMethods = [.none, .basic] }, problem: .authenticationMethods),
            Refusal(
                testDescription: "a client without any method", change: { $0.authenticationMethods = [] },
                problem: .authenticationMethods),
            Refusal(
                testDescription: "no address for codes", change: { $0.redirectURIs = [] }, problem: .redirectURIs),
            Refusal(
                testDescription: "refresh tokens alone", change: { $0.grantTypes = [.refreshToken] },
                problem: .grantTypes),
        ])
    func refuses(_ refusal: Refusal) throws {
        #expect(try Sample.client(refusal.kind, id: refusal.id) { refusal.change(&$0) }.problems == [refusal.problem])
    }

    @Test("an id that an enterprise brings along may be a URL")
    func urlID() throws {
        #expect(try Sample.client(id: "https://client.example/app:1").problems.isEmpty)
    }
}

@Suite("OIDC Core §11 Offline access")
struct GrantTests {
    @Test("a grant ends with its session unless offline_access was granted", .tags(.security))
    func survives() throws {
        #expect(!(try Sample.grant().survivesSession))
        #expect(try Sample.grant(scope: "openid offline_access").survivesSession)
    }
}
