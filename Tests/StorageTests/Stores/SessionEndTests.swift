import Directory
import Dispatch
import FoundationEssentials
import Identity
import OAuth2
import Storage
import TestSupport
import Testing

/// "Single logout": nothing that a session gave outlives it, whatever happens at the same time.
@Suite("Contract: the end of a session against what is given in it", .timeLimit(.minutes(10)))
struct SessionEndTests {
    enum First: String, CaseIterable, Sendable {
        case grant, end
    }

    @Test(
        "no unrevoked grant of an ended session is left, whichever of the two commits first", .tags(.security),
        arguments: Backend.available, First.allCases)
    func grantAgainstEnd(backend: Backend, first: First) async throws {
        try await backend.withDatabases(2) { databases in
            try await databases[0].migrate(now: now)
            try await Samples.store(in: databases[0])
            try await databases[0].write { db in try db.sessions.insert(StoreSamples.session("session-1")) }
            let isDone = DispatchSemaphore(value: 0)
            let give: @Sendable (any Connection) throws -> Bool = { db in
                guard try db.sessions.use("session-1", now: now + 1) else { return false }
                try db.grants.insert(OAuthStoreTests.grant("g", session: "session-1"))
                return true
            }
            let end: @Sendable (any Connection) throws -> Bool = { db in
                try db.sessions.end("session-1", now: now + 2)
            }
            async let one = databases[0].write { db in
                let outcome = try first == .grant ? give(db) : end(db)
                isDone.signal()
                // Not committed yet when the other begins: that one waits here, or decides by what it sees.
                usleepMilliseconds(400)
                return outcome
            }
            await wait(for: isDone)
            let other = try await databases[1].write(first == .grant ? end : give)
            let outcomes = [try await one, other]
            let (session, grant) = try await databases[0].read { db in
                (
                    try db.sessions.identified("session-1", in: Samples.acme.id), try db.grants.identified("g")
                )
            }
            #expect(outcomes == [true, first == .grant])
            #expect(session?.endedAt == now + 2)
            #expect(grant?.revokedAt == (first == .grant ? now + 2 : nil))
            #expect((grant == nil) == (first == .end))
        }
    }
}
