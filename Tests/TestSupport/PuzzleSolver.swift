import Cryptography

/// Solves puzzles as a browser's script does.
package enum PuzzleSolver {
    /// Sixteen numbers, joined by commas.
    /// - Parameter puzzle: The text that the page carries; its second field says how many zero bits are asked for.
    package static func solution(of puzzle: String) -> String {
        let fields = puzzle.split(separator: ".")
        let bits = fields.count == 4 ? Int(fields[1]) ?? 0 : 0
        return (0..<16).map { part in String(number(for: "\(puzzle).\(part).", bits: bits)) }.joined(separator: ",")
    }

    private static func number(for prefix: String, bits: Int) -> Int {
        var number = 0
        while zeroBits(SHA256.hash(Array("\(prefix)\(number)".utf8))) < bits { number += 1 }
        return number
    }

    private static func zeroBits(_ digest: [UInt8]) -> Int {
        var count = 0
        for byte in digest {
            count += byte.leadingZeroBitCount
            if byte != 0 { break }
        }
        return count
    }
}
