import Cryptography
package import FoundationEssentials
import Wire

/// A task that a browser solves by itself before a request is looked at: cheap for one person, dear for thousands of
/// requests (client puzzles, Juels and Brainard 1999; the work is hashcash's).
///
/// The browser searches, for each of sixteen parts, a number whose SHA-256 together with the puzzle's text begins with
/// enough zero bits. Sixteen small searches take a much steadier time than one large one. Nothing about it has to be
/// seen, heard or understood, so it bars nobody with a disability; a browser without script waits instead.
///
/// A puzzle is stateless until it is solved: its text carries its own MAC. It is bound to one interaction or session and
/// serves once.
package struct Puzzle: Equatable, Sendable {
    /// Searches that make one solution.
    package static let parts = 16
    /// Seconds after which a puzzle is worth nothing.
    package static let lifetime: TimeInterval = 1_800

    /// Zero bits that each part asks for.
    package let bits: Int
    /// Whole seconds.
    package let issuedAt: Date
    /// What the browser is given and sends back.
    package let text: String

    /// Makes a puzzle.
    /// - Parameters:
    ///   - owner: The interaction or session that may use it.
    ///   - nonce: Unique to this puzzle; ASCII letters, digits, `-` and `_`.
    ///   - key: The installation's sub-key for puzzles.
    package init(for owner: String, nonce: String, limits: PuzzleLimits, key: [UInt8], now: Date) {
        bits = max(0, limits.work - 4)
        issuedAt = now
        let body = "\(Int64(now.timeIntervalSince1970)).\(bits).\(nonce)"
        text = "\(body).\(Self.mac(body, owner, key))"
    }

    /// Reads a puzzle that came back.
    /// - Returns: nil unless it is one of ours, for this owner, and not too old.
    init?(_ text: String, for owner: String, key: [UInt8], now: Date) {
        guard text.utf8.count <= 256 else { return nil }
        let fields = text.split(separator: ".", omittingEmptySubsequences: false)
        guard fields.count == 4, let seconds = Int64(fields[0]), let bits = Int(fields[1]) else { return nil }
        let body = fields[..<3].joined(separator: ".")
        guard ConstantTime.equal(Self.mac(body, owner, key), String(fields[3])) else { return nil }
        self.bits = bits
        self.text = text
        issuedAt = Date(timeIntervalSince1970: TimeInterval(seconds))
        let age = now.timeIntervalSince(issuedAt)
        guard age >= 0, age < Self.lifetime else { return nil }
    }

    /// The name under which it is remembered as spent.
    package var id: String { "puzzle " + Base64URL.encode(SHA256.hash(Array(text.utf8))) }

    /// Whether the numbers solve it: sixteen decimal numbers joined by commas.
    func isSolved(by numbers: String) -> Bool {
        guard numbers.utf8.count <= Self.parts * 12 else { return false }
        let parts = numbers.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == Self.parts else { return false }
        return parts.enumerated().allSatisfy { index, number in
            guard !number.isEmpty, number.utf8.allSatisfy(Self.isDigit) else { return false }
            return Self.zeroBits(of: SHA256.hash(Array("\(text).\(index).\(number)".utf8))) >= bits
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func zeroBits(of digest: [UInt8]) -> Int {
        guard let first = digest.firstIndex(where: { $0 != 0 }) else { return digest.count * 8 }
        return first * 8 + digest[first].leadingZeroBitCount
    }

    private static func mac(_ body: String, _ owner: String, _ key: [UInt8]) -> String {
        Base64URL.encode(HMACSHA256.authenticate(MACMessage.joined("puzzle", owner, body), key: key))
    }
}

/// What a form shows against a puzzle.
package struct PuzzleSolution: Equatable, Sendable {
    /// The puzzle's text.
    package var puzzle: String
    /// What the browser found; empty from a browser that ran no script.
    package var numbers: String

    package init(puzzle: String, numbers: String) {
        self.puzzle = puzzle
        self.numbers = numbers
    }

    /// What it is worth.
    package enum Worth: Equatable, Sendable {
        /// The work was done. The puzzle is to be spent.
        case worked(Puzzle)
        /// It was not, but the time was waited. The puzzle is to be spent, and one such pass an address and wait.
        case waited(Puzzle)
        case nothing
    }

    /// Judges the solution.
    /// - Parameters:
    ///   - owner: The interaction or session that the form belongs to.
    ///   - key: The installation's sub-key for puzzles.
    package func worth(for owner: String, limits: PuzzleLimits, key: [UInt8], now: Date) -> Worth {
        guard let puzzle = Puzzle(puzzle, for: owner, key: key, now: now) else { return .nothing }
        if puzzle.isSolved(by: numbers) { return .worked(puzzle) }
        let isWaited = numbers.isEmpty && now.timeIntervalSince(puzzle.issuedAt) >= limits.wait
        return isWaited ? .waited(puzzle) : .nothing
    }
}
