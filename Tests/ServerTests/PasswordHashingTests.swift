import Cryptography
import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

@Suite("What password hashes cost shows in no refusal", .timeLimit(.minutes(10)))
struct PasswordHashingTests {
    private static func hashing(_ parameters: Argon2id.Parameters = TestServer.parameters) throws -> PasswordHashing {
        try PasswordHashing(parameters: parameters, threads: 2, capacity: 100)
    }

    /// bcrypt at a cost that takes some tens of milliseconds.
    static let slow = "$2b$09$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

    @Test("without hashes from elsewhere nothing is held back")
    func nothingLearned() async throws {
        let hashing = try Self.hashing()
        #expect(hashing.floor == .zero)
        _ = try await hashing.verify([1], against: Samples.passwordHash)
        _ = try await hashing.verify([1], against: nil)
        #expect(hashing.floor == .zero)
    }

    @Test(
        "a hash that is not like new ones raises the floor, at the start as at a sign-in", .tags(.security),
        arguments: HashExample.all)
    func learned(_ example: HashExample) async throws {
        let (started, used) = (try Self.hashing(), try Self.hashing())
        try await started.learn(from: [example.hash])
        #expect(started.floor > .zero)
        let verified = try await used.verify(Password(HashExample.password).bytes, against: example.hash)
        #expect(verified.isRight)
        #expect(used.floor > .zero)
    }

    @Test("so do our own with other parameters, cheaper or dearer", .tags(.security), arguments: [1, 3])
    func otherParameters(_ passes: Int) async throws {
        var parameters = TestServer.parameters
        parameters.iterations = 2
        let hashing = try Self.hashing(parameters)
        let hash = try Samples.hash(iterations: passes)
        #expect(hashing.isOutdated(hash))
        #expect(try await hashing.verify(Password(Samples.password).bytes, against: hash).isRight)
        #expect(hashing.floor > .zero)
    }

    @Test("the floor is what the slowest costs, and half of it more; the quickest of several tries counts")
    func floor() async throws {
        let hashing = try Self.hashing()
        try await hashing.learn(from: [HashExample.all[1].hash])
        let quick = hashing.floor
        var measured: [Duration] = []
        for _ in 0..<3 {
            let clock = ContinuousClock()
            measured.append(try await clock.measure { _ = try await hashing.verify([1], against: Self.slow) })
        }
        let slowest = hashing.floor
        #expect(quick < slowest)
        // Measured outside, each took longer than inside.
        #expect(slowest <= (measured.min() ?? .zero) * 3 / 2)
        let later = hashing.floor
        try await hashing.learn(from: [HashExample.all[1].hash, Self.slow])
        #expect(hashing.floor == later)
    }

    @Test("time spent waiting for a turn does not raise the floor", .tags(.security))
    func queue() async throws {
        let hashing = try PasswordHashing(parameters: TestServer.parameters, threads: 1, capacity: 100)
        let clock = ContinuousClock()
        let all = try await clock.measure {
            _ = try await inParallel(12) { _ in try await hashing.verify([1], against: Self.slow) }
        }
        // Twelve after one another on one thread: the quickest is at most a twelfth of all.
        #expect(hashing.floor <= all * 3 / 2 / 12)
    }

    @Test(
        "a refusal lasts as long for everybody, whether or not anything was brought along for them",
        .tags(.security))
    func holds() async throws {
        let hashing = try Self.hashing()
        try await hashing.learn(from: [Self.slow])
        try await TestServer.run(hashing: hashing) { server in
            try await server.bring(Self.slow, to: Samples.dave)
            try await SameWordsTests.freeze(server)
            for person in SameWordsTests.people + [
                .init(testDescription: "imported", username: "dave", phone: "", reason: "wrong_password")
            ] {
                let browser = server.browser()
                let page = try await browser.visit("/")
                let clock = ContinuousClock()
                var status = 0
                let took = try await clock.measure {
                    status = try await browser.enter(person.username, "Wrong-Horse-1", on: page).reply.status
                }
                #expect(status == 422)
                // The floor may have come down, when the hash was quicker than the time before.
                #expect(took >= hashing.floor, "\(person.testDescription)")
            }
        }
    }

    @Test("who is disabled is held back with the right password too", .tags(.security))
    func disabled() async throws {
        let hashing = try Self.hashing()
        try await hashing.learn(from: [Self.slow])
        try await TestServer.run(hashing: hashing) { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let clock = ContinuousClock()
            var status = 0
            let took = try await clock.measure {
                status = try await browser.enter("carol", Samples.password, on: page).reply.status
            }
            #expect(status == 422)
            #expect(took >= hashing.floor)
        }
    }

    @Test("only counting and hashing take a place in the queue, not the wait that follows", .tags(.security))
    func noPlaceTaken() async throws {
        let hashing = try PasswordHashing(parameters: TestServer.parameters, threads: 1, capacity: 1)
        try await hashing.learn(from: [Self.slow])
        try await Backend.sqliteMemory.withDatabase { inner in
            let database = WatchedDatabase(inner)
            try await TestServer.run(over: database, hashing: hashing) { server in
                try await Samples.store(in: inner)
                let browser = server.browser()
                let page = try await browser.visit("/")
                let places = Mutex<[Bool]>([])
                var number = 0
                while true {
                    let visit = try await database.interrupting(before: number) { _ in
                        let isFree = (try? await hashing.admitted(nil) { true }) ?? false
                        places.withLock { $0.append(isFree) }
                    } during: {
                        try await browser.enter("nobody", "Wrong-Horse-1", on: page)
                    }
                    guard visit != nil else { break }
                    number += 1
                }
                // The interaction is read, the attempt is counted, the step is decided, the page is made.
                let found = places.withLock { $0 }
                #expect(found.filter { !$0 }.count == 1)
                #expect(found.last == true)
            }
        }
    }

    @Test("all that is stored is learned at the start, later what was set since", arguments: Backend.journeys)
    func stored(backend: Backend) async throws {
        try await backend.withDatabase { database in
            let hashing = try Self.hashing()
            try await TestServer.run(over: database, hashing: hashing) { server in
                try await Samples.store(in: database)
                try await server.environment.learnHashes(setSince: .distantPast)
                #expect(hashing.floor == .zero)
                try await server.bring(Self.slow, to: Samples.frank)
                try await server.environment.learnHashes(setSince: server.clock.now + 1)
                #expect(hashing.floor == .zero)
                try await server.environment.learnHashes(setSince: server.clock.now)
                #expect(hashing.floor > .zero)
                let again = try Self.hashing()
                let other = try await database.read { db in
                    try db.credentials.hashes(
                        unlike: again.parameters.prefix, setSince: .distantPast, after: "", limit: 10)
                }
                #expect(other.map(\.hash) == [Self.slow])
                #expect(other.map(\.userID) == [Samples.frank.id])
            }
        }
    }
}
