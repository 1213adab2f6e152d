import Cryptography
import Directory
import FoundationEssentials
import Identity
import Storage
import Wire

/// A puzzle that a page hands to the browser.
struct PuzzleDemand: Equatable, Sendable {
    let puzzle: Puzzle
    /// Seconds that a browser without script waits.
    let wait: Int

    /// The template's fields.
    func fields(_ text: (String, [String: String]) -> String) -> PageFields {
        [
            "puzzle": puzzle.text, "puzzleBits": puzzle.bits, "puzzleParts": Puzzle.parts,
            "puzzleWaitText": text("puzzleWait", ["seconds": String(wait)]),
        ]
    }
}

extension PuzzleSolution {
    /// What a form says; nil when it has no puzzle.
    init?(_ form: RequestParameters) throws(RequestParametersError) {
        guard let puzzle = try form.single("puzzle") else { return nil }
        self.init(puzzle: puzzle, numbers: try form.single("puzzleSolution") ?? "")
    }
}

extension ServerEnvironment {
    /// A new puzzle for an interaction or session.
    func puzzle(for owner: String, _ call: Call) -> PuzzleDemand {
        var random = SecureRandom()
        let limits = call.policy.identity.puzzle
        let puzzle = Puzzle(
            for: owner, nonce: Identifier.make(using: &random), limits: limits, key: keys.puzzles, now: call.now)
        return PuzzleDemand(puzzle: puzzle, wait: Int(limits.wait))
    }
}

extension Connection {
    /// The puzzle that is still to be solved; nil when there is no pressure, or the solution is good. A good solution is
    /// spent in this transaction.
    func demand(
        _ pressure: Pressure?, _ solution: PuzzleSolution?, in owner: String, _ environment: ServerEnvironment,
        _ call: Call
    ) throws -> PuzzleDemand? {
        guard pressure != nil else { return nil }
        let limits = call.policy.identity.puzzle
        switch solution?.worth(for: owner, limits: limits, key: environment.keys.puzzles, now: call.now) {
        case .worked(let puzzle)?:
            if try spend(puzzle) { return nil }
        case .waited(let puzzle)?:
            if try takeTurn(call, wait: limits.wait), try spend(puzzle) { return nil }
        case .nothing?, nil: break
        }
        return environment.puzzle(for: owner, call)
    }

    private func spend(_ puzzle: Puzzle) throws -> Bool {
        try spentPuzzles.spend(puzzle.id, expiresAt: puzzle.issuedAt + Puzzle.lifetime)
    }

    /// Waiting costs a machine nothing, so an address passes by it only once in each wait.
    private func takeTurn(_ call: Call, wait: TimeInterval) throws -> Bool {
        let turn = Int64(call.now.timeIntervalSince1970 / wait)
        let end = Date(timeIntervalSince1970: TimeInterval(turn + 1) * wait)
        return try spentPuzzles.spend(
            "turn \(call.tenant.id) \(call.client.limitKey) \(turn)", expiresAt: end)
    }
}
