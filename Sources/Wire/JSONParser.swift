extension JSON {
    /// Why a text is not JSON that we accept, and where.
    package struct ParseError: Error, Equatable, Sendable {
        package enum Reason: Equatable, Sendable {
            case unexpectedEnd, unexpectedByte, trailingBytes, tooDeep, repeatedKey
            case badNumber, badEscape, loneSurrogate, controlCharacter, invalidUTF8
        }
        package var reason: Reason
        /// Byte offset at which reading stopped.
        package var offset: Int

        package init(_ reason: Reason, at offset: Int) {
            self.reason = reason
            self.offset = offset
        }
    }

    /// Reads exactly one value.
    ///
    /// Stricter than RFC 8259 where readers differ and an attacker could gain from it: a repeated key, a byte order
    /// mark and a number beyond the range of `Double` are errors. `\u0000` is a legal character and is kept.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8; the caller has bounded the length.
    ///   - maximumDepth: Nesting of arrays and objects that is still accepted; a scalar has depth 0.
    package static func parse(_ bytes: [UInt8], maximumDepth: Int = 32) throws(ParseError) -> JSON {
        var parser = JSONParser(bytes, maximumDepth: maximumDepth)
        return try parser.document()
    }
}

/// A recursive-descent reader; recursion is bounded by `maximumDepth`.
struct JSONParser {
    let bytes: [UInt8]
    var index = 0
    private let maximumDepth: Int

    init(_ bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func document() throws(JSON.ParseError) -> JSON {
        skipWhiteSpace()
        let value = try value(depth: 0)
        skipWhiteSpace()
        guard index == bytes.count else { throw error(.trailingBytes) }
        return value
    }

    private mutating func value(depth: Int) throws(JSON.ParseError) -> JSON {
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSON.ParseError) -> JSON {
        guard depth <= maximumDepth else { throw error(.tooDeep) }
        index += 1
        var members: [JSON.Member] = []
        var keys = SeenKeys()
        skipWhiteSpace()
        if try peek() == UInt8(ascii: "}") {
            index += 1
            return .object([])
        }
        while true {
            skipWhiteSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
            let start = index
            let key = try string()
            guard keys.insert(key, among: members) else { throw JSON.ParseError(.repeatedKey, at: start) }
            skipWhiteSpace()
            guard try peek() == UInt8(ascii: ":") else { throw error(.unexpectedByte) }
            index += 1
            skipWhiteSpace()
            members.append(JSON.Member(key, try value(depth: depth)))
            if try isLast(closing: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func array(depth: Int) throws(JSON.ParseError) -> JSON {
        guard depth <= maximumDepth else { throw error(.tooDeep) }
        index += 1
        var elements: [JSON] = []
        skipWhiteSpace()
        if try peek() == UInt8(ascii: "]") {
            index += 1
            return .array([])
        }
        while true {
            skipWhiteSpace()
            elements.append(try value(depth: depth))
            if try isLast(closing: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    /// Passes the comma or the closing bracket after a member or element; true for the bracket.
    private mutating func isLast(closing bracket: UInt8) throws(JSON.ParseError) -> Bool {
        skipWhiteSpace()
        let byte = try peek()
        guard byte == bracket || byte == UInt8(ascii: ",") else { throw error(.unexpectedByte) }
        index += 1
        return byte == bracket
    }

    private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSON.ParseError) -> JSON {
        for scalar in text.description.utf8 {
            guard try peek() == scalar else { throw error(.unexpectedByte) }
            index += 1
        }
        return value
    }

    private mutating func skipWhiteSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    func peek() throws(JSON.ParseError) -> UInt8 {
        guard index < bytes.count else { throw error(.unexpectedEnd) }
        return bytes[index]
    }

    func error(_ reason: JSON.ParseError.Reason) -> JSON.ParseError {
        JSON.ParseError(reason, at: index)
    }
}

/// Finds repeated keys: by looking back while there are few, by hash from the 17th on, so that a large object is not
/// quadratic. Keys are compared as bytes.
private struct SeenKeys {
    private var hashed: Set<[UInt8]> = []

    mutating func insert(_ key: String, among members: [JSON.Member]) -> Bool {
        if members.count < 16 { return !members.contains { $0.key.isByteEqual(to: key) } }
        if hashed.isEmpty { hashed = Set(members.map { Array($0.key.utf8) }) }
        return hashed.insert(Array(key.utf8)).inserted
    }
}
