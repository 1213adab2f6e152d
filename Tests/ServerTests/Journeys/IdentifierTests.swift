import Directory
import Identity
import Storage
import TestSupport
import Testing

@Suite("By what a person is found")
struct IdentifierTests {
    private static let withEmployeeIDs = ["signIn.identifiers": "username,phone,employee-id"]

    private func status(_ typed: String, _ server: TestServer, at tenant: Tenant = Samples.acme) async throws -> Int {
        try await server.browser(at: tenant.issuer).signIn(typed).reply.status
    }

    /// Gives Frank the text by which Alice is found as employee id, past the checks of administration.
    private func makeAmbiguous(_ server: TestServer) async throws {
        try await server.set(Self.withEmployeeIDs)
        try await server.change { db in
            var frank = Samples.frank
            frank.profile.employeeID = "Alice"
            try db.users(Samples.sealingKey).update(frank)
        }
    }

    @Test("an employee id is a way in only where the tenant says so", .tags(.security), arguments: Backend.journeys)
    func employeeID(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            #expect(try await status("E-1", server) == 422)
            try await server.set(Self.withEmployeeIDs)
            for typed in ["E-1", " e-1 ", "Ｅ－１", "alice", "13800000001"] {
                #expect(try await status(typed, server) == 200, "\(typed)")
            }
            #expect(try await status("E-2", server) == 422)
            #expect(try await status("E-1", server, at: Samples.globex) == 422)
        }
    }

    @Test("what the tenant does not accept is nobody's, in the words for an unknown name", .tags(.security))
    func accepted() async throws {
        try await TestServer.run { server async throws in
            try await server.set(["signIn.identifiers": "username"])
            let unknown = try await server.browser().signIn("nobody").reply
            for typed in ["13800000001", "alice@acme.example", "E-1"] {
                let reply = try await server.browser().signIn(typed).reply
                #expect(reply.status == 422)
                #expect(reply.formErrors == unknown.formErrors)
            }
            #expect(try await status("alice", server) == 200)
            #expect(try await server.throttle(of: Samples.alice) == nil)
        }
    }

    @Test("the tenant's own code may stand behind a username, no other's", .tags(.security))
    func suffix() async throws {
        try await TestServer.run { server async throws in
            for typed in ["alice@acme", "ALICE@Acme", " alice@acme "] {
                #expect(try await status(typed, server) == 200, "\(typed)")
            }
            for typed in ["alice@globex", "alice@acme@acme", "@acme", "13800000001@acme", "alice@"] {
                #expect(try await status(typed, server) == 422, "\(typed)")
            }
            #expect(try await status("alice@globex", server, at: Samples.globex) == 200)
            #expect(try await status("alice@acme", server, at: Samples.globex) == 422)
        }
    }

    @Test("wrong passwords count for the account, however it is named", .tags(.security))
    func oneThrottle() async throws {
        try await TestServer.run { server async throws in
            try await server.set(Self.withEmployeeIDs)
            let spellings = ["alice", "ALICE@acme", "E-1", "13800000001", "+86 138 0000 0001"]
            for typed in spellings + spellings {
                #expect(try await server.browser().signIn(typed, "Wrong-Horse-1").reply.status == 422)
            }
            for typed in spellings { #expect(try await status(typed, server) == 422) }
        }
    }

    @Test(
        "a text that finds two people is nobody's: neither account is tried or counted for", .tags(.security),
        arguments: Backend.journeys)
    func ambiguous(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server async throws in
            try await makeAmbiguous(server)
            let unknown = try await server.browser().signIn("nobody").reply
            for _ in 1...12 {
                let reply = try await server.browser().signIn("alice").reply
                #expect(reply.status == 422)
                #expect(reply.formErrors == unknown.formErrors)
            }
            #expect(try await server.throttle(of: Samples.alice) == nil)
            #expect(try await server.throttle(of: Samples.frank) == nil)
            let events = try await server.events()
            #expect(!events.contains { $0.contains("wrong_password") || $0.contains("frozen") })
            for typed in ["13800000001", "E-1", "frank", "alice@acme"] {
                #expect(try await status(typed, server) == 200, "\(typed)")
            }
        }
    }

    @Test("a text that finds one person twice is that person's")
    func twice() async throws {
        try await TestServer.run { server async throws in
            try await server.set(Self.withEmployeeIDs)
            try await server.change { db in
                var frank = Samples.frank
                frank.profile.employeeID = "FRANK"
                try db.users(Samples.sealingKey).update(frank)
            }
            #expect(try await status("frank", server) == 200)
        }
    }
}
