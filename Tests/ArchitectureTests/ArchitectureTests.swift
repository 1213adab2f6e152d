import Foundation
import Testing

@Suite("Architecture: who may import whom")
struct ImportTableTests {
    @Test("a module imports only what its row allows", arguments: ImportTable.rows)
    func imports(_ row: ImportRow) throws {
        let allowed = row.ours.union(row.others).union(ImportTable.everywhere)
        for file in try SourceTree.swiftFiles(under: "Sources/\(row.module)") {
            let excess = SourceTree.imports(of: file).subtracting(allowed).sorted()
            #expect(excess == [], "\(file.path) imports what \(row.module) may not")
        }
    }

    @Test("every folder under Sources has a row, and every row a folder")
    func complete() throws {
        let named = Set(ImportTable.rows.map(\.module)).union(ImportTable.systemLibraries)
        #expect(try SourceTree.modules() == named)
    }

    @Test("a row imports only rows above it")
    func layered() {
        var above = ImportTable.systemLibraries
        for row in ImportTable.rows {
            #expect(row.ours.subtracting(above) == [], "\(row.module) looks down")
            above.insert(row.module)
        }
    }

    @Test("Sources/README.md shows the same table")
    func documented() throws {
        let page = try String(contentsOf: SourceTree.root.appending(path: "Sources/README.md"), encoding: .utf8)
        for row in ImportTable.rows {
            let line = page.split(separator: "\n").first { $0.hasPrefix("| `\(row.module)` |") }
            let cells = try #require(line, "no row for \(row.module)").split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            let ours = Set(cells[1].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            #expect(ours.subtracting(["-"]) == row.ours, "the row of \(row.module) is not true")
        }
    }
}

@Suite("Architecture: house rules")
struct HouseRuleTests {
    @Test("a core has no clock, no default for now, no task and no process-wide state", arguments: ImportTable.cores)
    func pure(_ module: String) throws {
        let forbidden = ["Date()", "Date.now", ".now()", "ContinuousClock", "async ", "await ", "nonisolated(unsafe)"]
        for file in try SourceTree.swiftFiles(under: "Sources/\(module)") {
            for (number, line) in file.lines.enumerated() where !line.isComment {
                let found = forbidden.filter { line.contains($0) }
                #expect(found == [], "\(file.path):\(number + 1)")
            }
        }
    }

    @Test("everything that crosses a module is package, nothing is public")
    func access() throws {
        for file in try SourceTree.swiftFiles(under: "Sources") {
            for (number, line) in file.lines.enumerated() where !line.isComment {
                let words = line.split(separator: " ").prefix { !$0.contains("\"") }
                let declares = words.contains("public")
                #expect(!declares, "\(file.path):\(number + 1)")
            }
        }
    }

    @Test("no forced try, no fatalError, no nonisolated(unsafe)")
    func noTraps() throws {
        let forbidden = ["try!", "fatalError(", "nonisolated(unsafe)"]
        for file in try SourceTree.swiftFiles(under: "Sources") {
            for (number, line) in file.lines.enumerated() where !line.isComment {
                let found = forbidden.filter { line.contains($0) }
                #expect(found == [], "\(file.path):\(number + 1)")
            }
        }
    }

    @Test("a file stays under 400 lines and a line under 150 columns")
    func sizes() throws {
        for file in try SourceTree.swiftFiles(under: "Sources") {
            #expect(file.lines.count <= 400, "\(file.path) is too long")
            for (number, line) in file.lines.enumerated() {
                #expect(line.count <= 150, "\(file.path):\(number + 1) is too wide")
            }
        }
    }

    @Test("SQL stands in Storage alone")
    func sqlInStorage() throws {
        let elsewhere = ["Directory", "Identity", "OAuth2", "OIDC", "CAS", "Gateways", "Server", "gatehouse"]
        let statements = ["INSERT INTO", "DELETE FROM", "UPDATE ", "CREATE TABLE"]
        for file in try elsewhere.flatMap({ try SourceTree.swiftFiles(under: "Sources/\($0)") }) {
            for (number, line) in file.lines.enumerated() where !line.isComment {
                #expect(statements.filter { line.contains("\"\($0)") } == [], "\(file.path):\(number + 1)")
            }
        }
    }

    @Test("no private key is tracked")
    func noKeys() throws {
        let begin = "-----BEGIN"
        for folder in ["Sources", "Examples", "Keys", "Templates", "Scripts", "Docs"] {
            let base = SourceTree.root.appending(path: folder)
            guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else { continue }
            for case let url as URL in walk where url.pathExtension != "key" {
                guard let text = try? String(contentsOf: url, encoding: .utf8) else { continue }
                #expect(!text.contains("\(begin) PRIVATE KEY"), "\(url.path)")
                #expect(!text.contains("\(begin) RSA PRIVATE KEY"), "\(url.path)")
            }
        }
    }
}

extension Substring {
    /// Whether the line is a comment, where prose may name what code may not use.
    fileprivate var isComment: Bool { trimmingCharacters(in: .whitespaces).hasPrefix("//") }
}
