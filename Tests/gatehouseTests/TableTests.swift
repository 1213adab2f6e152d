import Testing

@testable import gatehouse

@Suite("Output: tables")
struct TableTests {
    @Test("columns stand under each other, Chinese characters being twice as wide")
    func aligned() {
        var table = Table("A", "NAME", "C")
        table.rows = [["1", "林梅", "x"], ["22", "Zoë", "y"], ["3", "", ""]]
        #expect(table.lines == ["A   NAME  C", "1   林梅  x", "22  Zoë   y", "3"])
    }

    @Test("a table without rows has no lines")
    func empty() {
        #expect(Table("A").lines == [])
    }

    @Test("widths", arguments: [("abc", 3), ("中文", 4), ("e\u{301}", 1), ("ｆ", 2), ("한", 2), ("😀", 2), ("", 0)])
    func width(_ text: String, _ cells: Int) {
        #expect(Table.width(text) == cells)
    }
}
