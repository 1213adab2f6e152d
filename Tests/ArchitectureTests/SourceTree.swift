import Foundation

/// The repository's own files, read as text.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct File: Sendable {
        let path: String
        let lines: [Substring]
    }

    static func modules() throws -> Set<String> {
        let sources = root.appending(path: "Sources")
        let entries = try FileManager.default.contentsOfDirectory(
            at: sources, includingPropertiesForKeys: [.isDirectoryKey])
        return Set(
            try entries.filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
                .map(\.lastPathComponent))
    }

    static func swiftFiles(under folder: String) throws -> [File] {
        let base = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else { return [] }
        return try walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { url in
            let text = try String(contentsOf: url, encoding: .utf8)
            let path = String(url.path.dropFirst(root.path.count + 1))
            return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// The modules named in a file's import lines; `import struct NIO.X` counts as NIO.
    static func imports(of file: File) -> Set<String> {
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        return Set(
            file.lines.compactMap { line -> String? in
                let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
                guard let at = words.firstIndex(of: "import"), at <= 1, words.count > at + 1 else { return nil }
                let isAccess =
                    at == 0 || ["package", "public", "internal", "private", "fileprivate"].contains(words[0])
                guard isAccess else { return nil }
                let next = words[at + 1]
                let name = kinds.contains(next) && words.count > at + 2 ? words[at + 2] : next
                return name.split(separator: ".").first.map(String.init)
            })
    }
}
