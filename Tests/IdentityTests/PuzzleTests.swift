import FoundationEssentials
import Identity
import Testing

@Suite("Puzzles: the work is checked, bound to its owner, and short-lived")
struct PuzzleTests {
    static let now: Date = Sample.now
    static let limits: PuzzleLimits = changed(PuzzleLimits()) { $0.work = 12 }
    static let puzzle: Puzzle = Puzzle(for: "i-1", nonce: "nonce-1", limits: limits, key: Sample.key, now: now)

    /// HMAC-SHA-256 under 32 bytes of 7 over `6:puzzle3:i-120:1700000000.8.nonce-1`, computed elsewhere.
    static let text: String = "1700000000.8.nonce-1.xUxglgbnQBo6WN1SmjnxXLI4_cm8mf5onF04rA-trYk"
    /// For each part the smallest number with eight zero bits, computed elsewhere: SHA-256 of `….0.61` begins with 00.
    static let numbers: String = "61,307,169,14,39,11,166,249,104,79,25,1497,38,22,31,23"

    @Test("a puzzle says when it was made and how hard it is, under a MAC")
    func made() {
        #expect(Self.puzzle.text == Self.text)
        #expect(Self.puzzle.bits == 8)
        #expect(Self.puzzle.issuedAt == Self.now)
        #expect(Self.puzzle.id == "puzzle BoYeHpv4jBj0Y-fKmCWMppB9hr-tQ57YCVXnSvTYuCw")
    }

    @Test("the work is shared among sixteen parts", arguments: [(24, 20), (17, 13), (5, 1), (4, 0)])
    func bits(work: Int, bits: Int) {
        let limits = changed(PuzzleLimits()) { $0.work = work }
        #expect(Puzzle(for: "i-1", nonce: "n", limits: limits, key: Sample.key, now: Self.now).bits == bits)
    }

    /// One form that came back.
    struct Answer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var puzzle: String = PuzzleTests.text
        var numbers: String = PuzzleTests.numbers
        var owner = "i-1"
        var key = Sample.key
        var after: TimeInterval = 0
        var limits: PuzzleLimits = PuzzleTests.limits

        var worth: PuzzleSolution.Worth {
            PuzzleSolution(puzzle: puzzle, numbers: numbers)
                .worth(for: owner, limits: limits, key: key, now: PuzzleTests.now + after)
        }

        /// The puzzle with one of its four fields replaced.
        static func field(_ index: Int, _ text: String) -> String {
            var fields = PuzzleTests.text.split(separator: ".").map(String.init)
            fields[index] = text
            return fields.joined(separator: ".")
        }

        /// The numbers with one of them replaced.
        static func number(_ index: Int, _ text: String) -> String {
            var numbers = PuzzleTests.numbers.split(separator: ",").map(String.init)
            numbers[index] = text
            return numbers.joined(separator: ",")
        }
    }

    @Test(
        "a solution is worth the work",
        arguments: [
            Answer(testDescription: "at once"), Answer(testDescription: "at its last second", after: 1_799),
            // SHA-256 of `….0.0285` begins with 00 too: what is hashed is what was sent.
            Answer(testDescription: "a number with a zero in front", numbers: Answer.number(0, "0285")),
            Answer(
                testDescription: "made before the work was raised", limits: changed(PuzzleLimits()) { $0.work = 24 }),
        ])
    func worked(_ answer: Answer) {
        #expect(answer.worth == .worked(Self.puzzle))
    }

    @Test(
        "what differs in one thing is worth nothing", .tags(.security),
        arguments: [
            Answer(testDescription: "another time", puzzle: Answer.field(0, "1700000001")),
            Answer(testDescription: "the time written otherwise", puzzle: Answer.field(0, "+1700000000")),
            Answer(testDescription: "no time", puzzle: Answer.field(0, "")),
            Answer(testDescription: "less work", puzzle: Answer.field(1, "0")),
            Answer(testDescription: "negative work", puzzle: Answer.field(1, "-1")),
            Answer(testDescription: "another nonce", puzzle: Answer.field(2, "nonce-2")),
            Answer(testDescription: "no nonce", puzzle: Answer.field(2, "")),
            Answer(
                testDescription: "another MAC",
                puzzle: Answer.field(3, "yUxglgbnQBo6WN1SmjnxXLI4_cm8mf5onF04rA-trYk")),
            Answer(
                testDescription: "a shorter MAC", puzzle: Answer.field(3, "xUxglgbnQBo6WN1SmjnxXLI4_cm8mf5onF04rA-trY")),
            Answer(testDescription: "no MAC", puzzle: Answer.field(3, "")),
            Answer(testDescription: "three fields", puzzle: "1700000000.8.nonce-1"),
            Answer(testDescription: "five fields", puzzle: text + "."),
            Answer(testDescription: "nothing", puzzle: ""),
            Answer(testDescription: "a text without end", puzzle: Answer.field(2, String(repeating: "n", count: 300))),
            Answer(testDescription: "another interaction", owner: "i-2"),
            Answer(testDescription: "another installation", key: [UInt8](repeating: 8, count: 32)),
            Answer(testDescription: "after half an hour", after: 1_800),
            Answer(testDescription: "from the future", after: -1),
        ])
    func worthless(_ answer: Answer) {
        #expect(answer.worth == .nothing)
    }

    @Test(
        "numbers that are no solution are worth nothing, and are no waiting either", .tags(.security),
        arguments: [
            Answer(testDescription: "one bit short", numbers: Answer.number(3, "72")),
            Answer(testDescription: "another part's number", numbers: Answer.number(3, "61")),
            Answer(testDescription: "a part left out", numbers: Answer.number(3, "")),
            Answer(testDescription: "fifteen parts", numbers: String(numbers.dropLast(3))),
            Answer(testDescription: "seventeen parts", numbers: numbers + ",23"),
            Answer(testDescription: "one comma too many", numbers: numbers + ","),
            Answer(testDescription: "letters", numbers: Answer.number(3, "14a")),
            Answer(testDescription: "a sign", numbers: Answer.number(3, "+14")),
            Answer(testDescription: "a blank", numbers: Answer.number(3, " 14")),
            Answer(testDescription: "digits of another script", numbers: Answer.number(3, "١٤")),
            Answer(testDescription: "wide digits", numbers: Answer.number(3, "１４")),
            Answer(
                testDescription: "a number without end", numbers: Answer.number(3, String(repeating: "1", count: 200))),
            Answer(testDescription: "only commas", numbers: String(repeating: ",", count: 15)),
        ])
    func unsolved(_ answer: Answer) {
        #expect(answer.worth == .nothing)
        #expect(changed(answer) { $0.after = 60 }.worth == .nothing)
    }

    @Test("who sends no numbers has waited, from the full wait on", arguments: [60, 1_799] as [TimeInterval])
    func waited(_ seconds: TimeInterval) {
        let answer = Answer(testDescription: "", numbers: "", after: seconds)
        #expect(answer.worth == .waited(Self.puzzle))
    }

    @Test(
        "a second less, and waiting is worth nothing; nor is it with somebody else's puzzle", .tags(.security),
        arguments: [
            Answer(testDescription: "at once", numbers: ""), Answer(testDescription: "59 s", numbers: "", after: 59),
            Answer(testDescription: "another interaction", numbers: "", owner: "i-2", after: 60),
            Answer(testDescription: "too old", numbers: "", after: 1_800),
            Answer(testDescription: "an earlier time", puzzle: Answer.field(0, "1699999000"), numbers: "", after: 60),
            Answer(testDescription: "a blank for numbers", numbers: " ", after: 60),
            Answer(
                testDescription: "a longer wait", numbers: "", after: 60,
                limits: changed(PuzzleLimits()) { $0.wait = 61 }),
        ])
    func waitedTooShort(_ answer: Answer) {
        #expect(answer.worth == .nothing)
    }

    @Test("two puzzles are spent apart", .tags(.security))
    func ids() {
        let other = Puzzle(for: "i-1", nonce: "nonce-2", limits: Self.limits, key: Sample.key, now: Self.now)
        #expect(other.id != Self.puzzle.id)
    }
}
