/// What a run is asked to do: `--flows 4000 --parallelism 16 …`; every number has a default and a bound.
struct Options: Sendable {
    /// What is measured; each can be left out.
    enum Part: String, CaseIterable, Sendable {
        case oauth, cas, password, sms, crowd, refusals, start
    }

    /// Flows of one protocol in one round.
    var flows = 2_000
    /// Browsers at once, each with its own connection and its own session.
    var parallelism = 16
    /// How often server and floor take turns.
    var rounds = 5
    /// Password sign-ins in one round.
    var signIns = 100
    /// People who sign in at the same moment.
    var crowd = 1_000
    /// Wrong passwords, and codes asked for, of each kind.
    var attempts = 200
    /// Starts of the server and of the floor.
    var starts = 9
    /// Seconds after which a round of flows ends, however many are done.
    var seconds = 60
    var parts = Set(Part.allCases)

    /// A command line that is refused, in one sentence.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    static let usage = """
        usage: Benchmarks/run [--flows N] [--parallelism N] [--rounds N] [--sign-ins N] [--crowd N] [--attempts N]
                              [--starts N] [--seconds N] [--only oauth,cas,password,sms,crowd,refusals,start]
        """

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else {
                throw Refusal(description: "\(name) needs a value\n\(Self.usage)")
            }
            switch name {
            case "--flows": flows = try Self.number(name, value, 1...1_000_000)
            case "--parallelism": parallelism = try Self.number(name, value, 1...64)
            case "--rounds": rounds = try Self.number(name, value, 1...100)
            case "--sign-ins": signIns = try Self.number(name, value, 1...100_000)
            case "--crowd": crowd = try Self.number(name, value, 1...10_000)
            case "--attempts": attempts = try Self.number(name, value, 10...2_000)
            case "--starts": starts = try Self.number(name, value, 1...100)
            case "--seconds": seconds = try Self.number(name, value, 1...3_600)
            case "--only": parts = Set(try value.split(separator: ",").map { try Self.part(String($0)) })
            default: throw Refusal(description: "there is no option \(name)\n\(Self.usage)")
            }
        }
    }

    private static func number(_ name: String, _ text: String, _ range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw Refusal(description: "\(name) takes a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func part(_ text: String) throws -> Part {
        guard let part = Part(rawValue: text) else { throw Refusal(description: "there is nothing named \(text)") }
        return part
    }
}
