/// Several measurements of the same thing.
struct Series: Sendable {
    private(set) var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    /// The middle one, or the mean of the middle two.
    var median: Double { quantile(0.5) }

    /// The value that this share of all lies below, between two values in proportion.
    func quantile(_ share: Double) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.indices.last else { return .nan }
        let place = Double(last) * share
        let below = Int(place)
        return sorted[below] + (sorted[min(below + 1, last)] - sorted[below]) * (place - Double(below))
    }

    var range: ClosedRange<Double> { (values.min() ?? .nan)...(values.max() ?? .nan) }
}

/// Server and floor, measured in turn; the ratio is taken pair by pair, since the machine is never the same for long.
struct Pairs: Sendable {
    private(set) var server = Series()
    private(set) var floor = Series()
    private(set) var ratio = Series()

    /// The ratio is server to floor, whether a high figure is good or bad.
    mutating func add(server: Double, floor: Double) {
        self.server.add(server)
        self.floor.add(floor)
        ratio.add(server / floor)
    }
}

/// Numbers as they are printed.
enum Figure {
    static func text(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((value * scale).rounded())
        guard decimals > 0 else { return String(scaled) }
        let digits = String(abs(scaled) % Int(scale))
        let padding = String(repeating: "0", count: decimals - digits.count)
        return (scaled < 0 ? "-" : "") + "\(abs(scaled) / Int(scale)).\(padding)\(digits)"
    }

    static func range(_ range: ClosedRange<Double>, decimals: Int) -> String {
        "\(text(range.lowerBound, decimals: decimals))–\(text(range.upperBound, decimals: decimals))"
    }
}

/// The table of one run.
struct Report {
    private var rows: [[String]] = [["", "ratio (range)", "target", "Gatehouse", "floor"]]
    private var notes: [String] = []

    mutating func add(_ name: String, ratio: String, target: String, server: String, floor: String) {
        rows.append([name, ratio, target, server, floor])
    }

    mutating func note(_ text: String) { notes.append(text) }

    /// Markdown whose columns also line up in a terminal.
    var text: String {
        let widths = rows[0].indices.map { column in rows.map(\.[column].count).max() ?? 0 }
        var lines = rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return "| " + cells.joined(separator: " | ") + " |"
        }
        lines.insert("|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|", at: 1)
        return (lines + [""] + notes).joined(separator: "\n")
    }
}
