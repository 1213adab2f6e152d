import Directory
import FoundationEssentials
import Identity
import Server
import Storage
import TestSupport
import Testing

/// The figures of puzzles and address limits as the product has them, which other tests switch off. The proxy makes it
/// possible to come from several addresses.
let productPressure: [String: String] = {
    let settings: [IdentitySetting] = [
        .puzzlePhoneSends, .puzzleAddressSends, .puzzleTenantSends, .puzzleAddressFailures, .addressFailures,
    ]
    let figures = settings.map { ($0.rawValue, $0.defaultText) } + [("http.trustedProxies", "127.0.0.0/8")]
    return Dictionary(uniqueKeysWithValues: figures)
}()

/// The one sentence of a page that asks for a puzzle.
let puzzleFirst = [
    """
    There were many requests from here or to this number lately, so a short security check comes first.
    """
]

extension Browser.Visit {
    /// The puzzle that the page carries.
    var puzzle: String {
        get throws {
            guard let puzzle = reply.forms.compactMap({ $0["puzzle"] }).first else {
                throw Browser.Missing("a puzzle in \(reply)")
            }
            return puzzle
        }
    }

    var hasPuzzle: Bool { reply.forms.contains { $0["puzzle"] != nil } }

    /// What a browser's script fills into the form.
    var solution: Changes {
        get throws {
            let puzzle = try puzzle
            return ["puzzle": puzzle, "puzzleSolution": PuzzleSolver.solution(of: puzzle)]
        }
    }
}

extension Browser {
    /// Asks for a code with what was made of a puzzle.
    func askForCode(_ phone: String, on page: Visit, _ solution: Changes) async throws -> Visit {
        try await submit(
            try page.phoneForm, ["phone": phone].merging(solution) { $1 }, pressing: "send")
    }
}

extension TestServer {
    /// A browser at an address that has asked for nothing yet, on the sign-in page.
    func arrival(at address: String) async throws -> (browser: Browser, page: Browser.Visit) {
        let browser = browser(address: address)
        return (browser, try await browser.visit("/login"))
    }

    /// The failures that stand against a client address at Acme.
    func failures(of address: String) async throws -> Int {
        try await database.read { db in
            try db.throttles.peek(Throttle.key(ofAddress: address, in: Samples.acme.id))?.failures ?? 0
        }
    }

    /// What an administrator may do, on this server's data.
    func administration() -> Administration {
        Administration(
            database: database, keys: environment.keys, passwords: environment.passwords,
            commonPasswords: { [] }, policy: environment.settings.policy,
            messenger: .toInbox(sms, database, now: clock.now), domainProbe: .nowhere,
            by: Administrator(actor: .operator("root")))
    }

    /// Outcome and failure of Acme's messages, oldest first.
    func ledger() async throws -> [String] {
        try await database.read { db in
            try db.smsLedger.page(.init(), in: Samples.acme.id, after: nil, limit: 1_000).reversed().map { line in
                [line.purpose, line.outcome?.rawValue ?? "under way", line.gateway, line.failure]
                    .compactMap(\.self).joined(separator: " ")
            }
        }
    }

    /// How many rows the ledger has, decoys among them.
    func ledgerRows() async throws -> Int {
        try await database.read { db in
            try db.row("SELECT COUNT(*) FROM sms_sends") { row in try row.next(Int.self) } ?? 0
        }
    }
}
