import Cryptography
import FoundationEssentials
import NIOCore
import TestSupport
import Testing

@testable import Gateways

private typealias Question = LoopbackDNS.Question

/// Asks a name server of the test's making for the records of `k.acme.example`.
private func asking(
    _ server: LoopbackDNS, timeout: TimeInterval = 5, for name: String = "k.acme.example"
) async throws -> Result<[String], DNSError> {
    let resolver = DNSResolver(
        servers: [try #require(NameServer("127.0.0.1:\(server.port)"))], timeout: timeout)
    do { return .success(try await resolver.canonicalNames(of: name)) } catch let error as DNSError {
        return .failure(error)
    }
}

private func asking(
    timeout: TimeInterval = 5, for name: String = "k.acme.example",
    _ answer: @escaping @Sendable (Question) -> [[UInt8]]
) async throws -> Result<[String], DNSError> {
    try await LoopbackDNS.run(answer) { try await asking($0, timeout: timeout, for: name) }
}

@Suite("Name servers: what is asked and read", .timeLimit(.minutes(10)))
struct DNSResolverTests {
    static let right = LoopbackDNS.alias("k.acme.example", "target.example")

    @Test("asks once for the CNAME record of the very name")
    func asks() async throws {
        try await LoopbackDNS.run {
            [$0.answer([Self.right])]
        } _: { server in
            let names = try await asking(server)
            #expect(names == .success(["target.example"]))
            #expect(server.questions.map(\.name) == ["k.acme.example"])
            #expect(server.questions.map(\.type) == [5])
        }
    }

    @Test("the name's case does not matter, the target's is kept")
    func letters() async throws {
        let names = try await asking(for: "K.acme.example") {
            [$0.answer([LoopbackDNS.alias("k.ACME.example", "Target.Example")])]
        }
        #expect(names == .success(["Target.Example"]))
    }

    @Test("of a chain only the first record counts, and other types do not", .tags(.security))
    func chain() async throws {
        let address = LoopbackDNS.record(LoopbackDNS.name("target.example"), type: 1, data: [192, 0, 2, 1])
        let names = try await asking {
            [$0.answer([Self.right, LoopbackDNS.alias("target.example", "further.example"), address])]
        }
        #expect(names == .success(["target.example"]))
        let onlyAddress = try await asking {
            [$0.answer([LoopbackDNS.record(LoopbackDNS.name("k.acme.example"), type: 1, data: [192, 0, 2, 1])])]
        }
        #expect(onlyAddress == .success([]))
    }

    @Test("a record of another name or class is not this name's", .tags(.security))
    func otherName() async throws {
        let names = try await asking {
            let owner = LoopbackDNS.name("k.acme.example")
            return [
                $0.answer([
                    LoopbackDNS.alias("k.globex.example", "a.example"), LoopbackDNS.alias("acme.example", "b.example"),
                    LoopbackDNS.alias("x.k.acme.example", "c.example"),
                    LoopbackDNS.record(owner, class: 3, data: LoopbackDNS.name("d.example")),
                ])
            ]
        }
        #expect(names == .success([]))
    }

    @Test("reads compressed names")
    func compressed() async throws {
        // The question's name begins at byte 12; "acme.example" in it at byte 14.
        let names = try await asking {
            [$0.answer([LoopbackDNS.record([0xC0, 12], data: [1] + Array("t".utf8) + [0xC0, 14])])]
        }
        #expect(names == .success(["t.acme.example"]))
    }

    @Test("a dot inside a label is not taken for one between labels", .tags(.security))
    func dottedLabel() async throws {
        let names = try await asking {
            let label: [UInt8] = [14] + Array("target.example".utf8) + [0]
            return [$0.answer([LoopbackDNS.record(LoopbackDNS.name("k.acme.example"), data: label)])]
        }
        #expect(names == .success([#"target\.example"#]))
    }

    @Test("a name or record that is not there is no failure", arguments: [0x8183, 0x8180] as [UInt16])
    func nothing(_ flags: UInt16) async throws {
        #expect(try await asking { [$0.answer(flags: flags, [])] } == .success([]))
    }

    @Test("a server that fails or refuses is a failure", arguments: [0x8181, 0x8182, 0x8184, 0x8185] as [UInt16])
    func fails(_ flags: UInt16) async throws {
        #expect(try await asking { [$0.answer(flags: flags, [])] } == .failure(.unavailable))
    }

    @Test("asks again over TCP when an answer is cut short")
    func truncated() async throws {
        try await LoopbackDNS.run { question in
            [question.isStream ? question.answer([Self.right]) : question.answer(flags: 0x8380, [])]
        } _: { server in
            let names = try await asking(server)
            #expect(names == .success(["target.example"]))
            #expect(server.questions.map(\.isStream) == [false, true])
        }
    }

    @Test("the second server is asked when the first is not there")
    func secondServer() async throws {
        try await LoopbackDNS.run {
            [$0.answer([Self.right])]
        } _: { server in
            let servers = ["127.0.0.1:1", "127.0.0.1:\(server.port)"].compactMap(NameServer.init)
            let names = try await DNSResolver(servers: servers, timeout: 5).canonicalNames(of: "k.acme.example")
            #expect(names == ["target.example"])
        }
    }

    @Test("waits no longer than allowed", .tags(.security))
    func silence() async throws {
        #expect(try await asking(timeout: 0.3) { _ in [] } == .failure(.unavailable))
    }

    @Test("a server is an address, with a port where it is not 53")
    func servers() {
        let read = ["10.0.0.2", "10.0.0.2:5353", "2001:db8::1", "[2001:db8::1]", "[::1]:5353"].map {
            NameServer($0)?.address
        }
        #expect(read.map { $0?.ipAddress } == ["10.0.0.2", "10.0.0.2", "2001:db8::1", "2001:db8::1", "::1"])
        #expect(read.map { $0?.port } == [53, 5_353, 53, 53, 5_353])
        let wrong = [
            "", "ns.example", "10.0.0", "10.0.0.2:", "10.0.0.2:0", "10.0.0.2:65536", ":53", "[10.0.0.2]:53", "[::1",
            "[::1]53", "::1:x", "10.0.0.2:5 3", "unix:/x",
        ]
        #expect(wrong.filter { NameServer($0) != nil } == [])
    }
}

@Suite("Name servers: hostile answers", .timeLimit(.minutes(10)))
struct HostileDNSTests {
    enum Forgery: CaseIterable { case otherID, otherQuestion }

    private static func forged(_ forgery: Forgery, _ question: Question) -> [UInt8] {
        let lie = [LoopbackDNS.alias("k.acme.example", "forged.example")]
        switch forgery {
        case .otherID: return question.answer(id: question.id &+ 1, lie)
        case .otherQuestion:
            return question.answer(question: LoopbackDNS.name("k.globex.example") + LoopbackDNS.bytes([5, 1]), lie)
        }
    }

    @Test(
        "what does not answer the question is passed over, and the true answer after it taken", .tags(.security),
        arguments: Forgery.allCases)
    func forgery(_ forgery: Forgery) async throws {
        let names = try await asking { question in
            [Self.forged(forgery, question), question.answer([DNSResolverTests.right])]
        }
        #expect(names == .success(["target.example"]))
    }

    @Test("a question is no answer", .tags(.security))
    func question() async throws {
        let names = try await asking { [$0.answer(flags: 0x0100, [DNSResolverTests.right])] }
        #expect(names == .failure(.unreadable))
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: @Sendable (LoopbackDNS.Question) -> [UInt8]
    }

    private static let owner = LoopbackDNS.name("k.acme.example")

    static let broken = [
        Broken(testDescription: "a name that points to itself") { question in
            let place = UInt16(12 + owner.count + 4 + owner.count + 10)
            return question.answer([LoopbackDNS.record(owner, data: LoopbackDNS.bytes([0xC000 | place]))])
        },
        Broken(testDescription: "two names that point to each other") { question in
            let place = UInt16(12 + owner.count + 4 + owner.count + 10)
            return question.answer([
                LoopbackDNS.record(owner, data: LoopbackDNS.bytes([0xC000 | (place + 2), 0xC000 | place]))
            ])
        },
        Broken(testDescription: "a pointer beyond the end") { question in
            question.answer([LoopbackDNS.record(owner, data: [0xFF, 0xFF])])
        },
        Broken(testDescription: "a label of a kind that does not exist") { question in
            question.answer([LoopbackDNS.record(owner, data: [0x80, 1, 0])])
        },
        Broken(testDescription: "a label longer than the message") { question in
            question.answer([LoopbackDNS.record(owner, data: [63, 1, 2])])
        },
        Broken(testDescription: "a name without end") { question in
            question.answer([LoopbackDNS.record(owner, data: [1, 0x61])])
        },
        Broken(testDescription: "a name of more than 255 bytes") { question in
            let label: [UInt8] = [63] + [UInt8](repeating: 0x61, count: 63)
            return question.answer([LoopbackDNS.record(owner, data: label + label + label + label + label + [0])])
        },
        Broken(testDescription: "bytes after the name") { question in
            question.answer([LoopbackDNS.record(owner, data: LoopbackDNS.name("target.example") + [0x61])])
        },
        Broken(testDescription: "an empty record") { question in
            question.answer([LoopbackDNS.record(owner, data: [])])
        },
        Broken(testDescription: "a length beyond the end") { question in
            let record = LoopbackDNS.record(owner, data: LoopbackDNS.name("target.example"))
            return question.answer([Array(record.dropLast(4))])
        },
        Broken(testDescription: "more records promised than there are") { question in
            var answer = question.answer([DNSResolverTests.right])
            answer[6...7] = [0xFF, 0xFF]
            return answer
        },
    ]

    @Test("a broken answer is a failure, never a name", .tags(.security), arguments: broken)
    func breaks(_ broken: Broken) async throws {
        let result = try await asking { [broken.answer($0)] }
        #expect(result == .failure(.unreadable) || result == .failure(.unavailable))
    }

    @Test("an answer that is no message at all is a failure", .tags(.security), arguments: [0, 1, 11])
    func garbage(_ count: Int) async throws {
        let result = try await asking(timeout: 1) { _ in [[UInt8](repeating: 0xFF, count: count)] }
        #expect(result == .failure(.unavailable))
    }

    @Test("an answer over TCP is read no further than allowed", .tags(.security))
    func oversize() async throws {
        let result = try await asking { question in
            guard question.isStream else { return [question.answer(flags: 0x8380, [])] }
            let padding = LoopbackDNS.record(Self.owner, type: 16, data: [UInt8](repeating: 0x61, count: 60_000))
            return [question.answer([padding, DNSResolverTests.right])]
        }
        #expect(result == .failure(.unreadable))
    }

    @Test("no bytes make the reader do more than refuse them", .tags(.security), arguments: 0..<8)
    func anything(_ round: Int) throws {
        var random = SecureRandom()
        let question = try #require(
            Question(
                LoopbackDNS.bytes([1, 0x100, 1, 0, 0, 0]) + Self.owner + LoopbackDNS.bytes([5, 1]), isStream: false))
        let whole = question.answer([
            LoopbackDNS.record([0xC0, 12], data: [1, 0x74, 0xC0, 14]), DNSResolverTests.right,
        ])
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0...(random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.next() % 3 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
            // Either outcome is right: what must hold is that nothing is read beyond the end.
            _ = try? DNSAnswer.canonicalNames(of: "k.acme.example", in: bytes)
        }
    }
}
