import Server

/// The settings among the arguments of a command line. They are taken out before the commands are parsed, so that each
/// command takes each of them; what is left over and no command knows is an error there.
struct SettingFlags: Equatable, Sendable {
    /// By key.
    var texts: [String: String] = [:]
    /// The value of `--config`.
    var configurationFile: String?

    /// Why a command line is refused; the value is not repeated, it may be secret.
    struct Refusal: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Splits a command line.
    /// - Parameter arguments: Without the program's name. Nothing after `--` is a flag.
    /// - Throws: ``Refusal`` for a flag without value and for one that is given twice.
    static func split(_ arguments: [String]) throws(Refusal) -> (flags: SettingFlags, rest: [String]) {
        var flags = SettingFlags()
        var rest: [String] = []
        var waiting = arguments[...]
        while let argument = waiting.popFirst() {
            if argument == "--" { return (flags, rest + [argument] + waiting) }
            let name = String(argument.prefix { $0 != "=" })
            guard name == "--config" || keys[name] != nil else {
                rest.append(argument)
                continue
            }
            let value = argument == name ? waiting.popFirst() : String(argument.dropFirst(name.count + 1))
            guard let value, argument != name || !value.hasPrefix("--") else {
                throw Refusal(description: "The flag \(name) needs a value.")
            }
            try flags.set(name, value)
        }
        return (flags, rest)
    }

    private mutating func set(_ name: String, _ value: String) throws(Refusal) {
        if let key = Self.keys[name] {
            guard texts.updateValue(value, forKey: key) == nil else { throw Self.twice(name) }
        } else {
            guard configurationFile == nil else { throw Self.twice(name) }
            configurationFile = value
        }
    }

    private static func twice(_ name: String) -> Refusal { Refusal(description: "The flag \(name) is given twice.") }

    /// Keys by flag.
    private static let keys = Dictionary(
        SettingDefinition.all.map { ($0.flag, $0.key) }, uniquingKeysWith: { first, _ in first })
}
