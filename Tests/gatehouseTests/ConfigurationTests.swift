import Cryptography
import Directory
import Foundation
import Server
import Testing

@testable import gatehouse

/// Runs `body` with an empty directory.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    var random = SecureRandom()
    let directory = FileManager.default.temporaryDirectory
        .appending(path: "gatehouse-tests-" + Identifier.make(using: &random)).path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory)
}

func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
}

@Suite("Configuration: sources")
struct ConfigurationSourcesTests {
    @Test("a flag goes before the environment, and that before the file")
    func precedence() async throws {
        try await withDirectory { directory in
            try write(
                "http: {port: 1}\nlog.level: debug\nsession: {lifetime: 10h}\n", to: directory + "/gatehouse.yaml")
            let sources = try ConfigurationSources.read(
                flags: SettingFlags(texts: ["http.port": "3"]),
                environment: ["GATEHOUSE_HTTP_PORT": "2", "GATEHOUSE_LOG_LEVEL": "error", "HTTP_PORT": "4"],
                directory: directory)
            #expect(
                sources.texts == [
                    "http.port": .init(text: "3", origin: .flag),
                    "log.level": .init(text: "error", origin: .environment),
                    "session.lifetime": .init(text: "10h", origin: .file),
                ])
            #expect(sources.file == directory + "/gatehouse.yaml")
        }
    }

    @Test("every setting is read from its variable as it stands there", arguments: SettingDefinition.all.map(\.key))
    func variables(_ key: String) throws {
        let definition = try #require(SettingDefinition.named(key))
        // A comma, a blank and a letter that is no digit: nothing splits, trims or converts the text.
        let sources = try ConfigurationSources.read(
            flags: SettingFlags(), environment: [definition.environmentName: " a,b 中 "], directory: "/nowhere")
        #expect(sources.texts == [key: .init(text: " a,b 中 ", origin: .environment)])
        #expect(sources.unknownVariables == [])
    }

    @Test("the file is the one of --config, or of GATEHOUSE_CONFIG, and must then be there")
    func named() async throws {
        try await withDirectory { directory in
            let (one, two) = (directory + "/one.yaml", directory + "/two.yaml")
            try write("http.port: 1", to: one)
            try write("http.port: 2", to: two)
            let environment = ["GATEHOUSE_CONFIG": two]
            let flagged = try ConfigurationSources.read(
                flags: SettingFlags(configurationFile: one), environment: environment, directory: directory)
            #expect(flagged.texts["http.port"]?.text == "1")
            let unflagged = try ConfigurationSources.read(
                flags: SettingFlags(), environment: environment, directory: directory)
            #expect(unflagged.texts["http.port"]?.text == "2")
            #expect(throws: (any Error).self) {
                try ConfigurationSources.read(
                    flags: SettingFlags(configurationFile: directory + "/none.yaml"), environment: [:])
            }
        }
    }

    @Test("a variable that begins like ours and names no setting is told", .tags(.security))
    func misspelt() async throws {
        try await withDirectory { directory in
            try write("", to: directory + "/empty.yaml")
            let environment = [
                "GATEHOUSE_FREEZE_FAILURE": "3", "GATEHOUSE_CONFIG": directory + "/empty.yaml", "PATH": "/bin",
            ]
            let sources = try ConfigurationSources.read(flags: SettingFlags(), environment: environment)
            #expect(sources.unknownVariables == ["GATEHOUSE_FREEZE_FAILURE"])
        }
    }
}

@Suite("Configuration: file")
struct ConfigurationFileTests {
    private func texts(_ yaml: String) throws -> [String: String] {
        try ConfigurationFile.texts(of: try YAMLDocument.parse(yaml))
    }

    @Test(
        "may be nested or flat, and lists stand for commas",
        arguments: [
            "http:\n  port: 080\n  trustedProxies: [10.0.0.0/8, '::1']",
            "http.port: 080\nhttp.trustedProxies: 10.0.0.0/8,::1",
            "http: {port: '080'}\nhttp.trustedProxies: ['10.0.0.0/8,::1']\nsms:\n#  file: x\n",
        ])
    func shapes(_ yaml: String) throws {
        #expect(try texts(yaml) == ["http.port": "080", "http.trustedProxies": "10.0.0.0/8,::1"])
    }

    @Test("an empty one says nothing", arguments: ["", "# nothing\n", "---\n"])
    func empty(_ yaml: String) throws {
        #expect(try texts(yaml) == [:])
    }

    @Test(
        "refuses what would have no effect, and repeats no value", .tags(.security),
        arguments: [
            "http.prot: hidden", "htpp: {port: hidden}", "http: hidden", "http: {port: {a: hidden}}", "http.port:",
            "http.port: [1, 2]", "http.port: 1\nhttp: {port: hidden}", "http.port: 1\nhttp.port: hidden", "- hidden",
            "hidden", "freeze: {failure: hidden}", "http.port.x: hidden", "a: [hidden", "hidden hidden: 1",
            "hidden-password-1: x",
        ])
    func refuses(_ yaml: String) {
        let error = #expect(throws: (any Error).self) { try texts(yaml) }
        #expect(error.map { "\($0)".contains("line ") } == true)
        #expect(error.map { "\($0)".contains("hidden") } == false)
    }
}

@Suite("Configuration: YAML")
struct YAMLDocumentTests {
    @Test("keeps every scalar as it is written, and knows where it stands")
    func scalars() throws {
        let read = try YAMLDocument.parse("a: 007\nb: [true, 1.50, \"null\", ~]\n")
        let expected = DocumentValue(
            .object([
                .init("a", DocumentValue(.text("007"), line: 1)),
                .init(
                    "b",
                    DocumentValue(
                        .list([
                            DocumentValue(.text("true"), line: 2), DocumentValue(.text("1.50"), line: 2),
                            DocumentValue(.text("null"), line: 2), DocumentValue(.null, line: 2),
                        ]), line: 2)),
            ]), line: 1)
        #expect(read == expected)
    }

    @Test("references that multiply cost no more than the limit", .tags(.security), .timeLimit(.minutes(10)))
    func bomb() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(references)]\n"
        }
        let refusal = #expect(throws: YAMLDocument.Refusal.self) { try YAMLDocument.parse(yaml) }
        #expect(refusal?.description.contains("too many values") == true)
    }

    @Test(
        "refuses what has no meaning here", .tags(.security),
        arguments: [
            "? [a, b]\n: 1", "a: *nowhere", "a: 1\n---\nb: 2", String(repeating: "[", count: 2_000), "a: \"\\x\"",
        ])
    func refuses(_ yaml: String) {
        #expect(throws: YAMLDocument.Refusal.self) { try YAMLDocument.parse(yaml) }
    }
}
