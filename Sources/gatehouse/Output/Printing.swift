import Foundation
import Wire

extension OutputOptions {
    /// Prints a result on the standard output, as one line of JSON or as a table.
    /// - Parameter empty: What people read where the table has no rows.
    func print(_ json: JSON, _ table: Table, empty: String = "Nothing.") {
        Swift.print(self.json ? json.text : table.rows.isEmpty ? empty : table.lines.joined(separator: "\n"))
    }

    /// Prints a result that is a sentence for people.
    func print(_ json: JSON, _ sentence: String) {
        Swift.print(self.json ? json.text : sentence)
    }
}

/// Tells people something beside the result, without disturbing who reads the standard output.
func remark(_ sentence: String) {
    FileHandle.standardError.write(Data((sentence + "\n").utf8))
}

extension Date {
    /// For tables and JSON: UTC, to the second.
    var timestamp: String { formatted(.iso8601) }
}

extension JSON {
    /// A string or `null`.
    static func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

    /// A time or `null`.
    static func time(_ date: Date?) -> JSON { text(date?.timestamp) }

    static func texts(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
}
