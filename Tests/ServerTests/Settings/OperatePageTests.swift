import Directory
import Foundation
import Server
import Testing

@Suite("Docs/operate.md")
struct OperatePageTests {
    static let page = URL(filePath: #filePath).appending(path: "../../../../Docs/operate.md").standardizedFileURL

    /// The row of the page's tables that a setting must have.
    static func row(_ definition: SettingDefinition) -> String {
        let standard = definition.standard.isEmpty ? "nothing" : "`\(definition.standard)`"
        let cells = [
            "`\(definition.key)`", "`\(definition.environmentName)`", definition.bounds, standard,
            definition.purpose + (definition.isPerTenant ? " (t)" : "") + (definition.isSecret ? " (secret)" : ""),
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    @Test("lists every setting with its true bounds and default, and no other")
    func settings() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let rows = text.split(separator: "\n").map(String.init).filter { $0.contains("| `GATEHOUSE_") }
        let expected = SettingDefinition.all.map(Self.row)
        let missing = expected.filter { !rows.contains($0) }
        let wrong = rows.filter { !expected.contains($0) }
        #expect(missing == [], "these rows are missing")
        #expect(wrong == [], "these rows are not true")
        #expect(rows.count == Set(rows).count)
    }

    @Test("lists every event of both logs, and no other")
    func events() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let section = page.split(separator: "\n## ").first { $0.hasPrefix("Logs\n") }
        let text = String(try #require(section))
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let names = rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(names == Event.names(in: .signIn) + Event.names(in: .audit))
        for result in SignInResult.allCases {
            #expect(rows.contains { $0.hasPrefix("| `\(result.eventName)` | `\(result.rawValue)` |") })
        }
        for failure in SignInFailure.allCases { #expect(text.contains("`\(failure.rawValue)`")) }
    }

    @Test("key, variable and flag of a setting are made of the same words")
    func names() {
        let definition = SettingDefinition.named("http.trustedProxies")
        #expect(definition?.environmentName == "GATEHOUSE_HTTP_TRUSTED_PROXIES")
        #expect(definition?.flag == "--http-trusted-proxies")
        #expect(Set(SettingDefinition.all.map(\.environmentName)).count == SettingDefinition.all.count)
        #expect(Set(SettingDefinition.all.map(\.flag)).count == SettingDefinition.all.count)
    }
}
