extension CBOR {
    /// Why bytes are not CBOR that we accept, and where.
    package struct ParseError: Error, Equatable, Sendable {
        package enum Reason: Equatable, Sendable {
            case unexpectedEnd, trailingBytes, tooDeep, repeatedKey, invalidUTF8
            /// A number or length written longer than it has to be.
            case notShortest
            /// A length that is only known at its end.
            case indefiniteLength
            /// A tag, a number with a fraction, `undefined`, a reserved form, a key that is neither number nor string.
            case unsupported
        }
        package var reason: Reason
        /// Offset of the byte at which reading stopped.
        package var offset: Int

        package init(_ reason: Reason, at offset: Int) {
            self.reason = reason
            self.offset = offset
        }
    }

    /// Reads exactly one item.
    ///
    /// What CTAP 2.1 §8 asks of authenticators is asked here, but for the order of a map's keys, in which writers differ
    /// and on which nothing depends.
    /// - Parameters:
    ///   - bytes: The caller has bounded their number.
    ///   - maximumDepth: Nesting of arrays and maps that is still accepted; CTAP allows four.
    package static func parse(_ bytes: [UInt8], maximumDepth: Int = 4) throws(ParseError) -> CBOR {
        let (item, end) = try parsePrefix(of: bytes[...], maximumDepth: maximumDepth)
        guard end == bytes.endIndex else { throw ParseError(.trailingBytes, at: end) }
        return item
    }

    /// Reads the item at the start of `bytes` and tells where it ends: a key in an authenticator's data has no length.
    /// - Returns: The item, and the index of the first byte behind it.
    package static func parsePrefix(
        of bytes: ArraySlice<UInt8>, maximumDepth: Int = 4
    ) throws(ParseError) -> (item: CBOR, end: Int) {
        var parser = CBORParser(bytes, maximumDepth: maximumDepth)
        let item = try parser.item(depth: 0)
        return (item, parser.index)
    }
}

/// A recursive-descent reader; recursion is bounded by `maximumDepth`, memory by the number of bytes that are there.
struct CBORParser {
    private let bytes: ArraySlice<UInt8>
    private let maximumDepth: Int
    private(set) var index: Int

    init(_ bytes: ArraySlice<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        index = bytes.startIndex
    }

    /// The three top bits of an item's first byte (RFC 8949 §3.1).
    private enum Major: UInt8 {
        case unsigned, negative, bytes, text, array, map, tag, simple
    }

    mutating func item(depth: Int) throws(CBOR.ParseError) -> CBOR {
        let start = index
        let first = try byte()
        // Three bits have eight values.
        guard let major = Major(rawValue: first >> 5) else { throw CBOR.ParseError(.unsupported, at: start) }
        switch major {
        case .unsigned: return .unsigned(try argument(first, at: start))
        case .negative: return .negative(try argument(first, at: start))
        case .bytes: return .bytes(Array(try string(first, at: start)))
        case .text:
            guard let text = String(validating: try string(first, at: start), as: UTF8.self) else {
                throw CBOR.ParseError(.invalidUTF8, at: start)
            }
            return .text(text)
        case .array: return try array(first, at: start, depth: depth + 1)
        case .map: return try map(first, at: start, depth: depth + 1)
        case .tag: throw CBOR.ParseError(.unsupported, at: start)
        case .simple: return try simple(first, at: start)
        }
    }

    private mutating func array(
        _ first: UInt8, at start: Int, depth: Int
    ) throws(CBOR.ParseError) -> CBOR {
        let count = try count(first, at: start, bytesEach: 1, depth: depth)
        var items: [CBOR] = []
        for _ in 0..<count { items.append(try item(depth: depth)) }
        return .array(items)
    }

    private mutating func map(_ first: UInt8, at start: Int, depth: Int) throws(CBOR.ParseError) -> CBOR {
        let count = try count(first, at: start, bytesEach: 2, depth: depth)
        var entries: [CBOR.Entry] = []
        // Equal keys have equal bytes, since each has one spelling.
        var keys: Set<[UInt8]> = []
        for _ in 0..<count {
            let keyStart = index
            let key = try item(depth: depth)
            switch key {
            case .unsigned, .negative, .bytes, .text: break
            default: throw CBOR.ParseError(.unsupported, at: keyStart)
            }
            guard keys.insert(Array(bytes[keyStart..<index])).inserted else {
                throw CBOR.ParseError(.repeatedKey, at: keyStart)
            }
            entries.append(CBOR.Entry(key, try item(depth: depth)))
        }
        return .map(entries)
    }

    /// RFC 8949 §3.3: of the simple values the three that JSON has too.
    private func simple(_ first: UInt8, at start: Int) throws(CBOR.ParseError) -> CBOR {
        switch first & 0x1F {
        case 20: return .bool(false)
        case 21: return .bool(true)
        case 22: return .null
        case 31: throw CBOR.ParseError(.indefiniteLength, at: start)
        default: throw CBOR.ParseError(.unsupported, at: start)
        }
    }

    // MARK: Heads

    private mutating func string(_ first: UInt8, at start: Int) throws(CBOR.ParseError) -> ArraySlice<UInt8> {
        let length = try argument(first, at: start)
        guard length <= UInt64(bytes.endIndex - index) else {
            throw CBOR.ParseError(.unexpectedEnd, at: bytes.endIndex)
        }
        let end = index + Int(length)
        defer { index = end }
        return bytes[index..<end]
    }

    /// The number of elements, which cannot be more than the bytes that are left have room for.
    private mutating func count(
        _ first: UInt8, at start: Int, bytesEach size: UInt64, depth: Int
    ) throws(CBOR.ParseError) -> Int {
        guard depth <= maximumDepth else { throw CBOR.ParseError(.tooDeep, at: start) }
        let count = try argument(first, at: start)
        guard count <= UInt64(bytes.endIndex - index) / size else {
            throw CBOR.ParseError(.unexpectedEnd, at: bytes.endIndex)
        }
        return Int(count)
    }

    /// The number in or behind an item's first byte (RFC 8949 §3), in its shortest form (§4.2.1).
    private mutating func argument(_ first: UInt8, at start: Int) throws(CBOR.ParseError) -> UInt64 {
        let low = first & 0x1F
        switch low {
        case 0..<24: return UInt64(low)
        case 24...27:
            var value: UInt64 = 0
            for _ in 0..<(1 << (low - 24)) { value = value << 8 | UInt64(try byte()) }
            let least: UInt64 = low == 24 ? 24 : 1 << (8 << (UInt64(low) - 25))
            guard value >= least else { throw CBOR.ParseError(.notShortest, at: start) }
            return value
        case 31: throw CBOR.ParseError(.indefiniteLength, at: start)
        default: throw CBOR.ParseError(.unsupported, at: start)
        }
    }

    private mutating func byte() throws(CBOR.ParseError) -> UInt8 {
        guard index < bytes.endIndex else { throw CBOR.ParseError(.unexpectedEnd, at: index) }
        defer { index += 1 }
        return bytes[index]
    }
}
