import Identity
import Server

/// The configuration file: settings by key, written nested (`http: {port: 8080}`) or flat (`http.port: 8080`).
enum ConfigurationFile {
    /// Why a file is refused. Values are not repeated.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// The texts of a file by key.
    static func read(_ path: String) throws -> [String: String] {
        do {
            return try texts(of: try YAMLDocument.read(path))
        } catch let refusal as Refusal {
            throw Refusal(description: "The file \(path), \(refusal)")
        }
    }

    /// The texts of a document by key.
    /// - Throws: For a key that no setting has: a misspelt setting must not be silently without effect.
    static func texts(of document: DocumentValue) throws(Refusal) -> [String: String] {
        var texts: [String: String] = [:]
        switch document.content {
        case .null: return [:]
        case .object(let members): for member in members { try collect(member, under: "", into: &texts) }
        case .text, .list: throw Refusal(description: "line \(document.line): here must stand keys and values")
        }
        return texts
    }

    private static func collect(
        _ member: DocumentValue.Member, under prefix: String, into texts: inout [String: String]
    ) throws(Refusal) {
        let key = prefix + member.key
        let line = member.value.line
        if let definition = SettingDefinition.named(key) {
            guard let text = text(of: member.value, for: definition) else {
                throw Refusal(description: "line \(line): the setting \(key) needs one value; \"\" stands for nothing")
            }
            guard texts.updateValue(text, forKey: key) == nil else {
                throw Refusal(description: "line \(line): the setting \(key) stands here twice")
            }
            return
        }
        // What is no setting may be the first words of some.
        guard SettingDefinition.all.contains(where: { $0.key.hasPrefix(key + ".") }) else {
            throw Refusal(description: "line \(line): there is no setting \(shown(key))")
        }
        switch member.value.content {
        // A heading whose settings are all commented out.
        case .null: return
        case .object(let members): for inner in members { try collect(inner, under: key + ".", into: &texts) }
        case .text, .list: throw Refusal(description: "line \(line): \(key) is no setting, but the beginning of some")
        }
    }

    private static func text(of value: DocumentValue, for definition: SettingDefinition) -> String? {
        switch value.content {
        case .text(let text): return text
        case .list(let elements): return isList(definition) ? list(elements) : nil
        case .null, .object: return nil
        }
    }

    private static func list(_ elements: [DocumentValue]) -> String? {
        let texts = elements.compactMap { element in
            if case .text(let text) = element.content { text } else { nil as String? }
        }
        return texts.count == elements.count ? texts.joined(separator: ",") : nil
    }

    /// Whether a setting holds several things, which YAML can say as a list.
    private static func isList(_ definition: SettingDefinition) -> Bool {
        switch definition.form {
        case .networks, .words: true
        case .identity(let setting): [.methods, .identifiers, .secondFactors].contains(setting.form)
        default: false
        }
    }

    /// A key as it may be repeated: under a wrong indentation anything can become one.
    private static func shown(_ key: String) -> String {
        let isPlain = key.utf8.count <= 60 && key.utf8.allSatisfy { $0 == 0x2E || (0x61...0x7A).contains($0 | 0x20) }
        return isPlain ? key : "with this name"
    }
}
