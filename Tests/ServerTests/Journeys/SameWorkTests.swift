import Storage
import TestSupport
import Testing

@Suite("The same work for a phone that is somebody's and one that is nobody's (peers' class 19)")
struct SameWorkTests {
    /// A server whose statements are counted.
    private static func run(
        settings: [String: String] = [:],
        _ body: @escaping @Sendable (TestServer, CountingDatabase) async throws -> Void
    ) async throws {
        try await Backend.sqliteMemory.withDatabase { database in
            let counting = CountingDatabase(database)
            try await TestServer.run(over: counting, settings: settings) { server in
                try await Samples.store(in: counting)
                try await body(server, counting)
            }
        }
    }

    /// Whom a phone of the samples belongs to.
    static let phones = [
        ("somebody's", "13800000001"), ("nobody's", "13800000099"), ("disabled", "13800000003"),
        ("without password", "13800000002"), ("abroad and nobody's", "+447911123456"),
    ]

    @Test(
        "asking for a code runs the same statements in the same order", .tags(.security),
        arguments: ["/login", "/login/forgotten"])
    func sending(path: String) async throws {
        try await Self.run { server, counting in
            var seen: [String: [String]] = [:]
            for (name, phone) in Self.phones {
                let browser = server.browser()
                let page = try await browser.visit("/login")
                let form =
                    path == "/login"
                    ? try page.phoneForm
                    : try await browser.visit("\(path)?i=\(try page.interactionID)").form(to: path)
                seen[name] = try await counting.statements {
                    _ = try await browser.submit(form, ["phone": phone], pressing: "send")
                }
            }
            #expect(seen.values.allSatisfy { $0.count > 10 })
            for (name, _) in Self.phones.dropFirst() { #expect(seen[name] == seen["somebody's"], "\(name)") }
        }
    }

    @Test("trying a code runs the same statements in the same order", .tags(.security), arguments: [false, true])
    func verifying(hasPressure: Bool) async throws {
        try await Self.run(settings: hasPressure ? productPressure : [:]) { server, counting in
            var seen: [String: [String]] = [:]
            for (name, phone) in Self.phones.dropLast() {
                let browser = server.browser()
                let sent = try await browser.askForCode(phone, on: try await browser.visit("/login"))
                let code = await server.sentCodes().last?.code ?? "000000"
                seen[name] = try await counting.statements { _ = try await browser.enterCode(other(code), on: sent) }
            }
            #expect(seen.values.allSatisfy { $0.count > 10 })
            for (name, _) in Self.phones.dropLast() { #expect(seen[name] == seen["somebody's"], "\(name)") }
        }
    }

    @Test("trying a code that was never sent does too", .tags(.security))
    func neverSent() async throws {
        try await Self.run { server, counting in
            var seen: [[String]] = []
            for (_, phone) in Self.phones {
                let browser = server.browser()
                let page = try await browser.visit("/login")
                seen.append(
                    try await counting.statements {
                        _ = try await browser.enterCode("000000", on: page, ["phone": phone])
                    })
            }
            #expect(Set(seen).count == 1)
        }
    }

    @Test(
        "so does a wrong password, whatever kind of name was typed", .tags(.security),
        arguments: [
            ("alice", "nobody"), ("13800000001", "13800000099"), ("alice@acme.example", "nobody@acme.example"),
            ("carol", "nobody"), ("bob", "nobody"),
        ])
    func passwords(known: String, unknown: String) async throws {
        try await Self.run { server, counting in
            var seen: [[String]] = []
            for name in [known, unknown] {
                let browser = server.browser()
                let page = try await browser.visit("/login")
                seen.append(
                    try await counting.statements {
                        _ = try await browser.enter(name, "Wrong-Horse-1", on: page)
                    })
            }
            #expect(seen[0] == seen[1])
        }
    }

    @Test("a refusal for asking too often does too", .tags(.security))
    func tooOften() async throws {
        try await Self.run { server, counting in
            var seen: [[String]] = []
            for (_, phone) in Self.phones {
                let browser = server.browser()
                let sent = try await browser.askForCode(phone, on: try await browser.visit("/login"))
                seen.append(
                    try await counting.statements { _ = try await browser.askForCode(phone, on: sent) })
            }
            #expect(Set(seen).count == 1)
        }
    }
}
