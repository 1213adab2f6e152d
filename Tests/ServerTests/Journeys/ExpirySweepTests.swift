import Directory
import FoundationEssentials
import Identity
import Storage
import TestSupport
import Testing

@testable import Server

@Suite("The sweep of an installation")
struct ExpirySweepTests {
    @Test(
        "a tenant whose settings do not hold any more keeps its logs, and keeps nothing else from being swept",
        .tags(.security))
    func refusedSettings() async throws {
        try await TestServer.run { server in
            try await server.set(["sms.gateway": "huawei"])
            let now = server.clock.now
            let sweep = ExpirySweep(server.environment)
            try await server.change { db in
                _ = try db.spentPuzzles.spend("puzzle x", expiresAt: now)
                try db.events.insert(
                    EventRecord(.signIn(.codeWithheld), bySystemIn: Samples.acme.id, now: now - 400 * 86_400))
            }
            try await sweep.sweep(every: 300)
            let isFree = try await server.database.write { db in
                try db.spentPuzzles.spend("puzzle x", expiresAt: now)
            }
            #expect(isFree)
            #expect(try await server.events().filter { $0.hasPrefix("sms.withheld") }.count == 1)
            try await server.set([:])
            try await sweep.sweep(every: 300)
            #expect(try await server.events().filter { $0.hasPrefix("sms.withheld") } == [])
        }
    }
}
