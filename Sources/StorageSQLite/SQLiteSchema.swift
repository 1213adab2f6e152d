/// The one difference between the engines' schemas: how strictly a column keeps its type.
///
/// Without `STRICT` SQLite stores text in a BIGINT column without a word, and keys may be null
/// (https://www.sqlite.org/stricttables.html). A strict table knows `INTEGER`, of the same 64 bits, but not `BIGINT`.
enum SQLiteSchema {
    /// `CREATE TABLE` and `ALTER TABLE` in SQLite's words; every other statement as it is.
    static func strict(_ statement: String) -> String {
        let verbs = statement.split(maxSplits: 2, whereSeparator: \.isWhitespace).prefix(2).map { $0.uppercased() }
        switch verbs {
        case ["CREATE", "TABLE"]: return withIntegers(statement) + " STRICT"
        case ["ALTER", "TABLE"]: return withIntegers(statement)
        default: return statement
        }
    }

    private static func withIntegers(_ statement: String) -> String {
        var result = ""
        var word = ""
        for character in statement {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
            } else {
                result += column(word)
                result.append(character)
                word = ""
            }
        }
        return result + column(word)
    }

    private static func column(_ word: String) -> String { word.uppercased() == "BIGINT" ? "INTEGER" : word }
}
