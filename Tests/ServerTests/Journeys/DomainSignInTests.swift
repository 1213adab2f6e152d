import Directory
import Storage
import TestSupport
import Testing

@Suite("Signing in by a domain of the tenant", .timeLimit(.minutes(10)))
struct DomainSignInTests {
    private static let name = DomainName(stored: "people.example")

    /// Claims a domain for a tenant.
    /// - Parameter isProved: Whether a check found the proof.
    private func claim(_ server: TestServer, for tenant: Tenant = Samples.acme, isProved: Bool = true) async throws {
        let claim = ClaimedDomain(Self.name, of: tenant.id, token: "token-\(tenant.code)", now: server.clock.now)
        let domain = isProved ? claim.checked(nil, now: server.clock.now) : claim
        try await server.change { db in try db.domains.insert(domain) }
    }

    private func status(_ typed: String, _ server: TestServer, at tenant: Tenant = Samples.acme) async throws -> Int {
        try await server.browser(at: tenant.issuer).signIn(typed).reply.status
    }

    @Test(
        "every member has an account at a proved domain, by username and in any spelling", arguments: Backend.journeys)
    func proved(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            try await claim(server)
            for typed in ["alice@people.example", " Alice@PEOPLE.example ", "frank＠people.example", "alice@acme"] {
                #expect(try await status(typed, server) == 200, "\(typed)")
            }
        }
    }

    @Test("a domain that is only claimed, another tenant's, or longer or shorter, is nobody's", .tags(.security))
    func unproved() async throws {
        try await TestServer.run { server async throws in
            try await claim(server, isProved: false)
            #expect(try await status("alice@people.example", server) == 422)
            try await claim(server, for: Samples.globex)
            #expect(try await status("alice@people.example", server) == 422)
            #expect(try await status("alice@people.example", server, at: Samples.globex) == 200)
            for typed in ["alice@xpeople.example", "alice@example", "alice@people.example@people.example"] {
                #expect(try await status(typed, server, at: Samples.globex) == 422, "\(typed)")
            }
        }
    }

    @Test("at once after the domain is removed, nobody signs in by it", .tags(.security))
    func removed() async throws {
        try await TestServer.run { server async throws in
            try await claim(server)
            #expect(try await status("alice@people.example", server) == 200)
            try await server.change { db in _ = try db.domains.remove(Self.name, from: Samples.acme.id) }
            #expect(try await status("alice@people.example", server) == 422)
        }
    }

    @Test("wrong passwords by the domain count for the same account", .tags(.security))
    func oneThrottle() async throws {
        try await TestServer.run { server async throws in
            try await claim(server)
            for typed in Array(repeating: ["alice@people.example", "alice"], count: 5).joined() {
                #expect(try await server.browser().signIn(typed, "Wrong-Horse-1").reply.status == 422)
            }
            #expect(try await status("alice", server) == 422)
        }
    }

    @Test("where it is somebody else's e-mail address too, it is nobody's", .tags(.security))
    func ambiguous() async throws {
        try await TestServer.run { server async throws in
            try await claim(server)
            try await server.change { db in
                var frank = Samples.frank
                frank.profile.email = EmailAddress(stored: "alice@people.example")
                try db.users(Samples.sealingKey).update(frank)
            }
            #expect(try await status("alice@people.example", server) == 422)
            #expect(try await server.throttle(of: Samples.alice) == nil)
            #expect(try await status("alice", server) == 200)
        }
    }

    @Test("a tenant that does not accept usernames does not accept them behind a domain", .tags(.security))
    func withoutUsernames() async throws {
        try await TestServer.run { server async throws in
            try await claim(server)
            try await server.set(["signIn.identifiers": "phone,email"])
            #expect(try await status("alice@people.example", server) == 422)
        }
    }

    @Test("at the shared address a proved domain leads to its tenant, and a claimed one nowhere", .tags(.security))
    func shared() async throws {
        try await TestServer.run(settings: ["http.sharedAddress": SharedEntrancePageTests.origin]) { server in
            func enter() async throws -> Reply {
                try await server.post(
                    "/login", [("account", "alice@People.example")], host: SharedEntrancePageTests.host,
                    headers: [("Origin", SharedEntrancePageTests.origin)])
            }
            try await claim(server, isProved: false)
            #expect(try await enter().status == 422)
            try await claim(server, for: Samples.globex)
            #expect(try await enter()["Refresh"] == "0; url=https://sso.globex.example/login?username=alice")
        }
    }
}
