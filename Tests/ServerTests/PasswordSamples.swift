import Cryptography
import Foundation
import TestSupport
import Testing

/// The examples of `Docs/operate.md` for hashes from elsewhere: what is promised there is what tests sign in with.
struct HashExample: Sendable, CustomTestStringConvertible {
    let form: String
    let hash: String
    var testDescription: String { form }

    /// Of every example.
    static let password = "correct horse"

    /// Rows of the table whose header begins with `| form |`.
    static let all: [HashExample] = {
        let page = URL(filePath: TestServer.repository + "/Docs/operate.md")
        // Without the page there are no examples, which a test refuses.
        guard let text = try? String(contentsOf: page, encoding: .utf8),
            let start = text.range(of: "| form | example | bounds |\n|---|---|---|\n")
        else { return [] }
        return text[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { $0.hasPrefix("| ") }
            .compactMap { line in
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                guard cells.count == 3 else { return nil }
                return HashExample(form: cells[0], hash: cells[1].trimmingCharacters(in: ["`"]))
            }
    }()

    /// Forms that cost more than a sign-in may, each one step beyond what is accepted.
    static let tooCostly = [
        "$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI",
        "$argon2id$v=19$m=64,t=17,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI",
        "$2b$15$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
        "$5$rounds=1000001$saltstring$95Bg/RfV2QriLpMdLPHK9el0Ighm6E3CBqMKzZKgCa2",
        "$pbkdf2-sha256$2000001$MDEyMzQ1Njc4OWFiY2RlZg$KLUjftKN/B4PkWN87AQc11svbpcK4Zn4oO26H53DbBc",
        "pbkdf2_sha256$2000001$seasalt$XDHys9VSpcUQ/JYORcuek+9NZi0Klg1vhHc1q/ro4qw=",
        "$scrypt$ln=22,r=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$2nYYR1WNiVIE4oqKrxPuQubql1AU4+laWwCM1jFvCJc",
        "$scrypt$ln=19,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$2nYYR1WNiVIE4oqKrxPuQubql1AU4+laWwCM1jFvCJc",
        "$scrypt$ln=4,r=33,p=1$MDEyMzQ1Njc4OWFiY2RlZg$2nYYR1WNiVIE4oqKrxPuQubql1AU4+laWwCM1jFvCJc",
    ]
}
