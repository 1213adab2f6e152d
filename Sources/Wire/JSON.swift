/// A JSON value (RFC 8259) whose objects keep their order.
///
/// ```swift
/// let claims = try JSON.parse(body, maximumDepth: 8)
/// claims["sub"]?.string          // "u-1"
/// JSON.object([.init("active", true)]).text   // {"active":true}
/// ```
package indirect enum JSON: Sendable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number; finite when it was parsed.
    case number(Double)
    case string(String)
    case array([JSON])
    /// Members in order. The parser refuses a repeated key; whoever builds one by hand keeps to that.
    case object([Member])

    /// One key and its value.
    package struct Member: Equatable, Sendable {
        package var key: String
        package var value: JSON

        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }

        package static func == (left: Self, right: Self) -> Bool {
            left.key.isByteEqual(to: right.key) && left.value == right.value
        }
    }
}

extension JSON: Equatable {
    /// Equal values in the same order; texts by their bytes (RFC 8259 §8.3 compares code units, not glyphs).
    package static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.isByteEqual(to: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

// MARK: - Reading

extension JSON {
    /// The member of that name; nil when this is not an object or has none.
    package subscript(_ key: String) -> JSON? {
        members?.first { $0.key.isByteEqual(to: key) }?.value
    }

    /// The text, when this is a string.
    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number, when this is written as an integer.
    package var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// The number as a floating-point value; a NumericDate may have a fraction (RFC 7519 §2).
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The truth value, when this is one; `"true"` is not.
    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The elements, when this is an array.
    package var array: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members, when this is an object.
    package var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// Keeps the order in which the members are written.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
