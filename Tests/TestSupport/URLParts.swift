import Wire

/// Addresses taken apart, as a browser or a client library does it.
package enum URLParts {
    /// The parameters of the query; a repeated name keeps its last value.
    package static func parameters(of address: String) -> [String: String] {
        let query = address.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let pairs = (try? FormURLEncoded.parse(Array(query.utf8))) ?? []
        return Dictionary(pairs.map { ($0.name, $0.value) }) { $1 }
    }

    /// Path and query of an address at `origin`; nil for one elsewhere.
    static func target(of address: String, at origin: String) -> String? {
        if address.hasPrefix("/"), !address.hasPrefix("//") { return address }
        return address.hasPrefix(origin + "/") ? String(address.dropFirst(origin.count)) : nil
    }
}
