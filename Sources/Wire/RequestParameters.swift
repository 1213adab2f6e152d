/// Why the parameters of a request cannot be used.
package enum RequestParametersError: Error, Equatable, Sendable {
    /// The query or the body does not decode.
    case malformed(FormError)
    /// A parameter that may occur once occurs again, in the query, the body or both (RFC 6749 §3.1).
    /// Carries the name; it comes from the request when it was found by `repeatedName`.
    case repeated(String)
}

/// The parameters of one request, query first and then body, before any check of what they mean.
///
/// Prints as `•••`: a body carries passwords and client secrets.
package struct RequestParameters: Equatable, Sendable {
    private let pairs: [FormURLEncoded.Pair]

    /// - Parameters:
    ///   - query: What follows `?` in the request target, still encoded.
    ///   - body: An `application/x-www-form-urlencoded` body; the caller has checked type and length.
    package init(query: String?, body: [UInt8]? = nil) throws(RequestParametersError) {
        do {
            let fromQuery = try FormURLEncoded.parse(Array((query ?? "").utf8))
            pairs = try fromQuery + FormURLEncoded.parse(body ?? [])
        } catch { throw .malformed(error) }
    }

    /// Parameters that are decoded already: stored with an interaction, or made by a test.
    package init(_ pairs: [FormURLEncoded.Pair]) {
        self.pairs = pairs
    }

    /// The value of a parameter, nil when it is absent **or empty**.
    ///
    /// "Parameters sent without a value MUST be treated as if they were omitted" (RFC 6749 §3.1).
    /// - Throws: `.repeated(name)` when it occurs more than once.
    package func single(_ name: String) throws(RequestParametersError) -> String? {
        guard let value = try value(name), !value.isEmpty else { return nil }
        return value
    }

    /// The value of a parameter, empty text included; nil only when it does not occur.
    /// - Throws: `.repeated(name)` when it occurs more than once.
    package func value(_ name: String) throws(RequestParametersError) -> String? {
        var found: String?
        for pair in pairs where pair.name.isByteEqual(to: name) {
            guard found == nil else { throw .repeated(name) }
            found = pair.value
        }
        return found
    }

    /// Every value of a parameter that may be repeated (`resource`, RFC 8707 §2), in order, empty ones included.
    package func values(_ name: String) -> [String] {
        pairs.filter { $0.name.isByteEqual(to: name) }.map(\.value)
    }

    /// Whether the parameter occurs, with or without a value: CAS counts `renew` and `gateway` as set then (§2.1.1).
    package func contains(_ name: String) -> Bool {
        pairs.contains { $0.name.isByteEqual(to: name) }
    }

    /// The first name that occurs a second time; nil when all are single.
    package var repeatedName: String? {
        var seen: Set<[UInt8]> = []
        return pairs.first { !seen.insert(Array($0.name.utf8)).inserted }?.name
    }

    /// The names in order of first occurrence, each once.
    package var names: [String] {
        var seen: Set<[UInt8]> = []
        return pairs.map(\.name).filter { seen.insert(Array($0.utf8)).inserted }
    }

    /// All pairs in order, to be stored with a paused request.
    package var all: [FormURLEncoded.Pair] { pairs }
}

extension RequestParameters: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
