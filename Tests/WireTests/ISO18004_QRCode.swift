import Testing
import Wire

@Suite("ISO/IEC 18004 QR Code")
struct QRCodeTests {
    @Test(
        "a symbol is as large as its version, which the text's length decides",
        arguments: zip([1, 14, 15, 26, 90], [21, 21, 25, 25, 41]))
    func size(length: Int, modules: Int) throws {
        #expect(try #require(QRCode(String(repeating: "x", count: length))).size == modules)
    }

    @Test("finder patterns stand in three corners, and not in the fourth")
    func finders() throws {
        let code = try #require(QRCode("https://login.example/join?code=7KQ2M9PX"))
        let pattern = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
        func corner(_ column: Int, _ row: Int) -> [String] {
            (0..<7).map { y in
                String((0..<7).map { x in code.isDark(column + x, row + y) ? "#" as Character : "." })
            }
        }
        let far = code.size - 7
        #expect(corner(0, 0) == pattern)
        #expect(corner(far, 0) == pattern)
        #expect(corner(0, far) == pattern)
        #expect(corner(far, far) != pattern)
    }

    @Test(
        "nothing is made of what a symbol cannot hold",
        arguments: ["", "a\u{0}b", String(repeating: "x", count: 1_025)])
    func refusals(text: String) {
        #expect(QRCode(text) == nil)
    }

    @Test("the longest text fits")
    func longest() {
        #expect(QRCode(String(repeating: "x", count: 1_024)) != nil)
    }

    @Test("the picture holds each dark module once, inside a quiet zone of four")
    func picture() throws {
        let code = try #require(QRCode("A"))
        let svg = code.svg(label: "<Join>")
        #expect(
            svg.hasPrefix(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 29 29\" role=\"img\" aria-label=\"&lt;Join&gt;\""
            ))
        let dark = (0..<21).flatMap { row in (0..<21).map { code.isDark($0, row) } }.count { $0 }
        let runs = svg.matches(of: /M(\d+) (\d+)h(\d+)v1/)
        #expect(runs.compactMap { Int($0.3) }.reduce(0, +) == dark)
        let first = try #require(runs.first)
        #expect(String(first.0) == "M4 4h7v1")
    }

    @Test("a symbol that may hold a secret prints as dots", .tags(.security))
    func concealed() throws {
        let code = try #require(QRCode("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ"))
        #expect("\(code)" == "•••")
        #expect(String(reflecting: code) == "•••")
    }
}
