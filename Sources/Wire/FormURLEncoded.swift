/// Why a form body or a query is refused.
package enum FormError: Error, Equatable, Sendable {
    /// A name or a value that does not decode.
    case encoding(PercentEncodingError)
    /// More pairs than the reader allows.
    case tooManyPairs
}

/// `application/x-www-form-urlencoded`: bodies of POST requests and queries (RFC 6749 appendix B).
package enum FormURLEncoded {
    /// One name and its value, both decoded.
    package struct Pair: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        /// Byte equality: `String ==` would take two spellings of `é` for one name.
        package static func == (left: Self, right: Self) -> Bool {
            left.name.isByteEqual(to: right.name) && left.value.isByteEqual(to: right.value)
        }
    }

    /// The pairs in their order, repeated names included; a name without `=` has an empty value.
    ///
    /// ```swift
    /// try FormURLEncoded.parse(Array("scope=a+b&x".utf8))   // [Pair("scope", "a b"), Pair("x", "")]
    /// ```
    /// - Parameters:
    ///   - bytes: The raw body or query; the caller has bounded its length.
    ///   - maximumPairs: One more is an error, so that a small body cannot cost many allocations.
    package static func parse(_ bytes: [UInt8], maximumPairs: Int = 256) throws(FormError) -> [Pair] {
        var pairs: [Pair] = []
        pairs.reserveCapacity(min(8, maximumPairs))
        var start = 0
        while start < bytes.count {
            var end = start
            var equals: Int?
            while end < bytes.count, bytes[end] != UInt8(ascii: "&") {
                if equals == nil, bytes[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if end > start {
                guard pairs.count < maximumPairs else { throw .tooManyPairs }
                let name = try decode(bytes[start..<(equals ?? end)])
                let value = try decode(equals.map { bytes[($0 + 1)..<end] } ?? [])
                pairs.append(Pair(name, value))
            }
            start = end + 1
        }
        return pairs
    }

    /// One decoded component: `+` is a space. HTTP Basic client credentials are in this form (RFC 6749 §2.3.1).
    package static func decode(_ component: String) throws(FormError) -> String {
        try decode(Array(component.utf8)[...])
    }

    private static func decode(_ component: ArraySlice<UInt8>) throws(FormError) -> String {
        do {
            return try PercentEncoding.decode(component, plusIsSpace: true)
        } catch { throw .encoding(error) }
    }

    /// The encoded form of `pairs`. A space is written `%20`, which every reader of forms or URIs takes.
    package static func encode(_ pairs: [Pair]) -> String {
        var output: [UInt8] = []
        for pair in pairs {
            if !output.isEmpty { output.append(UInt8(ascii: "&")) }
            PercentEncoding.append(pair.name, to: &output)
            output.append(UInt8(ascii: "="))
            PercentEncoding.append(pair.value, to: &output)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// `uri` with `pairs` added to its query; its own query, escapes and fragment stay as they are (RFC 6749 §3.1.2).
    ///
    /// ```swift
    /// FormURLEncoded.adding([Pair("code", "a b")], toQueryOf: "https://c.example/cb?x=1#top")
    /// // "https://c.example/cb?x=1&code=a%20b#top"
    /// ```
    package static func adding(_ pairs: [Pair], toQueryOf uri: String) -> String {
        guard !pairs.isEmpty else { return uri }
        let bytes = Array(uri.utf8)
        let fragment = bytes.firstIndex(of: UInt8(ascii: "#")) ?? bytes.endIndex
        var output = Array(bytes[..<fragment])
        if !output.contains(UInt8(ascii: "?")) {
            output.append(UInt8(ascii: "?"))
        } else if output.last != UInt8(ascii: "?"), output.last != UInt8(ascii: "&") {
            output.append(UInt8(ascii: "&"))
        }
        output += Array(encode(pairs).utf8)
        output += bytes[fragment...]
        return String(decoding: output, as: UTF8.self)
    }
}
