import Directory

/// What people call the networks they come from: `10.0.0.0/8 Office`. For display only; nothing is decided by it.
package struct Places: Equatable, Sendable {
    private let places: [(network: IPNetwork, name: String)]

    /// None.
    package static let none = Places(places: [])

    private init(places: [(network: IPNetwork, name: String)]) {
        self.places = places
    }

    /// Reads networks, each with a name behind it, separated by commas.
    /// - Returns: nil when an entry is no network with a name.
    package init?(_ text: String) {
        var places: [(network: IPNetwork, name: String)] = []
        for entry in text.split(separator: ",") {
            let words = entry.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2, let network = IPNetwork(words[0]), let name = try? DisplayName.checked(words[1])
            else { return nil }
            places.append((network, name))
        }
        self.init(places: places)
    }

    /// The name of the smallest network that an address is in; nil for one without a name, and for what is no address.
    package func name(of address: String?) -> String? {
        guard let address = address.flatMap(IPAddress.init) else { return nil }
        return places.filter { $0.network.contains(address) }.max { $0.network.length < $1.network.length }?.name
    }

    package static func == (one: Places, other: Places) -> Bool {
        one.places.elementsEqual(other.places) { $0 == $1 }
    }
}

extension SettingReader {
    /// The places that a setting names.
    func places(_ key: String) throws(SettingRefusal) -> Places {
        guard let places = Places(text(key)) else {
            throw SettingRefusal(key, "is wrong; an entry is a network, a space and a name: 10.0.0.0/8 Office")
        }
        return places
    }

    /// Words of a closed list; `none` is none of them.
    func words<Word: RawRepresentable<String> & Hashable>(_ key: String) throws(SettingRefusal) -> Set<Word> {
        let items = text(key).split(separator: ",").map { $0.filter { $0 != " " } }
        guard items != ["none"], !items.isEmpty else { return [] }
        let words = items.compactMap { Word(rawValue: $0) }
        guard words.count == items.count else { throw SettingRefusal(key, .malformed) }
        return Set(words)
    }
}
