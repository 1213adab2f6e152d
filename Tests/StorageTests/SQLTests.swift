import FoundationEssentials
import Storage
import Testing

@Suite("SQL: text and values stay apart")
struct SQLTests {
    @Test("an interpolated text is a value, whatever is in it", .tags(.security))
    func bindsText() {
        let name = "x' OR '1'='1"
        let sql: SQL = "SELECT id FROM users WHERE username = \(name)"
        #expect(sql.text == "SELECT id FROM users WHERE username = $1")
        #expect(sql.bindings == [.init(type: .text, value: .text(name))])
    }

    enum Status: String, SQLConvertible { case active }

    @Test("every type has its column type, known even for nil")
    func bindsTypes() {
        let absent: String? = nil
        let never: Date? = nil
        let sql: SQL = "\(1) \(true) \(Date(timeIntervalSince1970: 7.9)) \(Status.active) \(absent) \(never)"
        #expect(sql.text == "$1 $2 $3 $4 $5 $6")
        #expect(
            sql.bindings == [
                .init(type: .integer, value: .integer(1)), .init(type: .integer, value: .integer(1)),
                .init(type: .integer, value: .integer(7)), .init(type: .text, value: .text("active")),
                .init(type: .text, value: .null), .init(type: .integer, value: .null),
            ])
    }

    @Test("a list becomes one placeholder for each element")
    func bindsLists() {
        let none: [String] = []
        #expect(("IN (\(["a", "b", "c"]))" as SQL).text == "IN ($1, $2, $3)")
        #expect(("IN (\(none))" as SQL).text == "IN (NULL)")
    }

    @Test("fragments are numbered on")
    func fragments() {
        let columns: SQL = "id, name"
        let condition: SQL = "kind = \("k") AND rank > \(3)"
        var sql: SQL = "SELECT \(sql: columns) FROM t WHERE tenant = \("t") AND \(sql: condition) AND z = \(9)"
        sql.append(" LIMIT \(10)")
        #expect(sql.text == "SELECT id, name FROM t WHERE tenant = $1 AND kind = $2 AND rank > $3 AND z = $4 LIMIT $5")
        #expect(sql.bindings.map(\.value) == [.text("t"), .text("k"), .integer(3), .integer(9), .integer(10)])
    }

    @Test("a pattern matches its text literally")
    func patterns() {
        #expect(LikePattern.containing(#"50%_a\b"#) == #"%50\%\_a\\b%"#)
        #expect(LikePattern.beginning(with: "a_") == #"a\_%"#)
    }
}

@Suite("SQLRow: columns are read in order")
struct SQLRowTests {
    let row = SQLRow(columns: ["id", "body", "rank"], values: [.text("a"), .null, .integer(7)])

    @Test("reads what the columns hold")
    func reads() throws {
        var row = row
        #expect(try Note(from: &row) == Note("a", nil, rank: 7))
    }

    @Test("names the column that holds something else")
    func refuses() {
        var row = row
        #expect(throws: DatabaseError.unexpectedValue(column: "id")) { try row.next(Int.self) }
        #expect(throws: Never.self) { try row.next(String.self) }
        #expect(throws: DatabaseError.unexpectedValue(column: "body")) { try row.next(String.self) }
        #expect(throws: Never.self) { try row.next(String?.self) }
        #expect(throws: DatabaseError.unexpectedValue(column: "rank")) { try row.next(Bool.self) }
        #expect(throws: DatabaseError.unexpectedValue(column: "rank")) { try row.next(String?.self) }
        #expect(throws: Never.self) { try row.next(Date.self) }
        #expect(throws: DatabaseError.unexpectedValue(column: "4")) { try row.next(String.self) }
    }
}
