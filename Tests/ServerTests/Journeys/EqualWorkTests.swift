import Cryptography
import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing
import Wire

@Suite("Whoever it is about, a refusal costs the same work (peers' class 19)", .timeLimit(.minutes(10)))
struct EqualWorkTests {
    /// Those of ``SameWordsTests``, and somebody with a hash from elsewhere.
    static let people =
        SameWordsTests.people + [
            SameWordsTests.Somebody(
                testDescription: "imported", username: "dave", phone: "13800000004", reason: "wrong_password")
        ]

    /// Runs `body` with everybody in their state.
    private static func run(
        on backend: Backend = .sqliteMemory, hashing: PasswordHashing? = nil,
        _ body: @escaping @Sendable (TestServer, WatchedDatabase) async throws -> Void
    ) async throws {
        try await backend.withDatabase { inner in
            let database = WatchedDatabase(inner)
            // Every round may try again.
            let settings = ["sms.send.interval": "off", "sms.code.tries": "off", "sms.send.perAddressHour": "off"]
            try await TestServer.run(over: database, settings: settings, hashing: hashing) { server in
                try await Samples.store(in: inner)
                try await server.bring(HashExample.all[1].hash, to: Samples.dave)
                try await SameWordsTests.freeze(server)
                try await body(server, database)
            }
        }
    }

    @Test("a wrong password takes the same transactions", .tags(.security), arguments: Backend.journeys)
    func password(backend: Backend) async throws {
        try await Self.run(on: backend) { server, database in
            var counts: [WatchedDatabase.Count] = []
            for person in Self.people {
                let browser = server.browser()
                let page = try await browser.visit("/")
                counts.append(
                    try await database.count {
                        _ = try await browser.enter(person.username, "Wrong-Horse-1", on: page)
                    })
            }
            #expect(Set(counts.map { "\($0)" }).count == 1)
            #expect(counts.first?.writes == 2)
        }
    }

    @Test(
        "asking for a code, and a wrong one, take the same transactions on either page", .tags(.security),
        arguments: Backend.journeys)
    func codes(backend: Backend) async throws {
        try await Self.run(on: backend) { server, database in
            var (asked, tried): (Set<String>, Set<String>) = ([], [])
            for person in Self.people {
                let browser = server.browser()
                let signIn = try await browser.visit("/")
                let page = try await browser.forget(on: signIn)
                let filling: Changes = ["phone": person.phone]
                let counts = [
                    try await database.count { _ = try await browser.askForCode(person.phone, on: signIn) },
                    try await database.count { _ = try await browser.askToForget(person.phone, on: page) },
                    try await database.count { _ = try await browser.enterCode("000000", on: signIn, filling) },
                    try await database.count { _ = try await browser.enterForgotten("000000", on: page, filling) },
                ]
                asked.formUnion(counts.prefix(2).map { "\($0)" })
                tried.formUnion(counts.suffix(2).map { "\($0)" })
            }
            #expect(asked.count == 1)
            #expect(tried.count == 1)
        }
    }

    @Test("every wrong password costs one hash with the product's parameters, no fewer and no more", .tags(.security))
    func hashes() async throws {
        let hashing = try PasswordHashing(parameters: .standard, threads: 1, capacity: 100)
        try await Self.run(hashing: hashing) { server, _ in
            for person in Self.people {
                let browser = server.browser()
                let page = try await browser.visit("/")
                let before = hashing.fullVerifications
                _ = try await browser.enter(person.username, "Wrong-Horse-1", on: page)
                #expect(hashing.fullVerifications - before == 1, "\(person.testDescription)")
            }
        }
    }
}
