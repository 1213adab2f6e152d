import Wire

/// How several texts stand in one column: a JSON array, so that any text survives.
///
/// Lists that are only ever read whole with their row (redirect URIs, scopes) are kept so; what is searched has a
/// table of its own.
struct TextList: SQLConvertible {
    let texts: [String]

    init(_ texts: [String]) {
        self.texts = texts
    }

    static var sqlType: SQLType { .text }

    var sqlValue: SQLValue {
        var writer = JSONWriter(reserving: 64)
        writer.value(.array(texts.map(JSON.string)))
        return .text(String(decoding: writer.bytes, as: UTF8.self))
    }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue, let json = try? JSON.parse(Array(text.utf8)) else { return nil }
        guard let items = json.array else { return nil }
        texts = items.compactMap(\.string)
        guard texts.count == items.count else { return nil }
    }
}

/// How a flat dictionary stands in one column: a JSON object, its keys in order so that equal values are equal texts.
struct TextMap: SQLConvertible {
    let texts: [String: String]

    init(_ texts: [String: String]) {
        self.texts = texts
    }

    static var sqlType: SQLType { .text }

    var sqlValue: SQLValue {
        .text(JSON.object(texts.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }).text)
    }

    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue, let json = try? JSON.parse(Array(text.utf8)) else { return nil }
        guard let members = json.members else { return nil }
        var texts: [String: String] = [:]
        for member in members {
            guard let value = member.value.string else { return nil }
            texts[member.key] = value
        }
        self.texts = texts
    }
}
