import Foundation
import Testing

@Suite("Architecture: texts of pages")
struct TextTests {
    private static func keys(_ language: String) throws -> Set<String> {
        let file = SourceTree.root.appending(path: "Templates/languages/\(language).json")
        let texts = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: String]
        return Set(try #require(texts).keys)
    }

    @Test("both languages have the same texts")
    func languages() throws {
        #expect(try Self.keys("en").symmetricDifference(Self.keys("zh-Hans")) == [])
    }

    @Test("every text that a template names is there")
    func templates() throws {
        let walk = FileManager.default.enumerator(
            at: SourceTree.root.appending(path: "Templates"), includingPropertiesForKeys: nil)
        let pages = (walk?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "mustache" }
        #expect(!pages.isEmpty)
        let keys = try Self.keys("en")
        for page in pages {
            let used = try String(contentsOf: page, encoding: .utf8).matches(of: /\{\{text\.([A-Za-z0-9_]+)\}\}/)
            #expect(used.map { String($0.1) }.filter { !keys.contains($0) } == [], "\(page.lastPathComponent)")
        }
    }

    @Test("every text that the code names is there")
    func code() throws {
        let keys = try Self.keys("en")
        for file in try SourceTree.swiftFiles(under: "Sources/Server") {
            let code = file.lines.joined(separator: "\n")
            let used = code.matches(of: /\b(?:pages\.text|self\.text|refuse\(text|add\(text)\("([A-Za-z0-9]+)"/)
            #expect(used.map { String($0.1) }.filter { !keys.contains($0) } == [], "\(file.path)")
        }
    }
}
