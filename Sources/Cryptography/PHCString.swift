import Wire

/// The stored form of an Argon2id hash: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, base64 without padding.
///
/// Reads exactly the spelling it writes, which is also libargon2's: parameters in this order, no leading zeros.
struct PHCString {
    var parameters: Argon2id.Parameters
    var salt: [UInt8]
    var hash: [UInt8]

    init(parameters: Argon2id.Parameters, salt: [UInt8], hash: [UInt8]) {
        self.parameters = parameters
        self.salt = salt
        self.hash = hash
    }

    var text: String { "\(parameters.prefix)\(Self.unpadded(salt))$\(Self.unpadded(hash))" }

    /// Nil for anything else, and for parameters that `Argon2id` does not compute.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19",
            let parameters = Self.parameters(parts[3]), parameters.isAcceptable,
            let salt = Self.bytes(parts[4]), (8...64).contains(salt.count),
            let hash = Self.bytes(parts[5]), (12...64).contains(hash.count)
        else { return nil }
        self.init(parameters: parameters, salt: salt, hash: hash)
    }

    private static func parameters(_ text: String) -> Argon2id.Parameters? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let memory = number(parts[0], "m="), let iterations = number(parts[1], "t="),
            let parallelism = number(parts[2], "p=")
        else { return nil }
        return .init(memoryKiB: memory, iterations: iterations, parallelism: parallelism)
    }

    /// A decimal number without sign or leading zero, behind `prefix`.
    private static func number(_ text: Substring, _ prefix: String) -> Int? {
        guard text.hasPrefix(prefix), let value = Int(text.dropFirst(prefix.count)),
            text.dropFirst(prefix.count).elementsEqual(String(value))
        else { return nil }
        return value
    }

    private static func unpadded(_ bytes: [UInt8]) -> String {
        String(Base64.encode(bytes).prefix { $0 != "=" })
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        guard !text.contains("=") else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        // A bad character is a malformed PHC string, which this initialiser reports as nil.
        return try? Base64.decode(text + padding)
    }
}
