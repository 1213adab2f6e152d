import Configuration
import Foundation
import Server

/// What flags, environment and configuration file say, the first that says something being the one that counts.
struct ConfigurationSources: Sendable {
    /// Where a setting's text comes from.
    enum Origin: String, Sendable, CaseIterable {
        case flag, environment, file
        case standard = "default"
    }

    /// One setting's text and where it comes from.
    struct Text: Equatable, Sendable {
        let text: String
        let origin: Origin
    }

    /// By key; a setting that nobody mentions is not here.
    let texts: [String: Text]
    /// The file that was read; nil without one.
    let file: String?
    /// Variables that begin like ours and name no setting: most likely misspelt ones.
    let unknownVariables: [String]

    /// Reads all three.
    /// - Parameters:
    ///   - flags: The command line's.
    ///   - environment: The process's.
    ///   - directory: Where `gatehouse.yaml` is looked for; nil for the working directory.
    /// - Throws: ``ConfigurationFile/Refusal`` for a file that cannot be read or has keys that no setting has.
    static func read(
        flags: SettingFlags, environment: [String: String], directory: String? = nil
    ) throws -> ConfigurationSources {
        let file = path(flags, environment, directory)
        let sources: [(Origin, ConfigReader)] = [
            (.flag, ConfigReader(provider: provider("flags", flags.texts))),
            (
                .environment,
                ConfigReader(
                    provider: EnvironmentVariablesProvider(environmentVariables: environment)
                        .prefixKeys(with: "gatehouse"))
            ),
            (.file, ConfigReader(provider: provider("file", try file.map(ConfigurationFile.read) ?? [:]))),
        ]
        var texts: [String: Text] = [:]
        for definition in SettingDefinition.all {
            for (origin, reader) in sources where texts[definition.key] == nil {
                let text = reader.string(forKey: ConfigKey(definition.key), isSecret: definition.isSecret)
                texts[definition.key] = text.map { Text(text: $0, origin: origin) }
            }
        }
        return ConfigurationSources(texts: texts, file: file, unknownVariables: unknown(environment))
    }

    /// The settings, checked as a whole.
    func settings() throws(SettingRefusal) -> Settings { try Settings(texts.mapValues(\.text)) }

    /// What a setting holds, and why.
    func text(of definition: SettingDefinition) -> Text {
        texts[definition.key] ?? Text(text: definition.standard, origin: .standard)
    }

    private static let fileVariable = "GATEHOUSE_CONFIG"

    private static func path(
        _ flags: SettingFlags, _ environment: [String: String], _ directory: String?
    ) -> String? {
        if let named = flags.configurationFile ?? environment[fileVariable] { return named }
        let usual = (directory.map { $0 + "/" } ?? "") + "gatehouse.yaml"
        return FileManager.default.fileExists(atPath: usual) ? usual : nil
    }

    private static func provider(_ name: String, _ texts: [String: String]) -> InMemoryProvider {
        let values = texts.map {
            (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(.string($0.value), isSecret: true))
        }
        return InMemoryProvider(name: name, values: Dictionary(values) { first, _ in first })
    }

    private static func unknown(_ environment: [String: String]) -> [String] {
        let known = Set(SettingDefinition.all.map(\.environmentName)).union([fileVariable])
        return environment.keys.filter { $0.hasPrefix("GATEHOUSE_") && !known.contains($0) }.sorted()
    }
}
