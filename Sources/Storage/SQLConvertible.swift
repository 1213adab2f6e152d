package import FoundationEssentials

/// The two column types of the common subset.
package enum SQLType: Sendable {
    /// `BIGINT`: a signed number of 64 bits.
    case integer
    /// `TEXT`: UTF-8 without U+0000.
    case text
}

/// What a column holds, as either engine gives it back.
package enum SQLValue: Equatable, Sendable {
    case null
    case integer(Int64)
    case text(String)
}

/// A type that can be bound to a statement and read from a column.
///
/// An enum with raw values needs one line beside its store: `extension User.Status: SQLConvertible {}`.
package protocol SQLConvertible: Sendable {
    /// The type of the column, which PostgreSQL wants to know even for a null.
    static var sqlType: SQLType { get }
    /// The value to bind.
    var sqlValue: SQLValue { get }
    /// Reads a column; nil when it holds something else.
    init?(sqlValue: SQLValue)
}

extension String: SQLConvertible {
    package static var sqlType: SQLType { .text }
    package var sqlValue: SQLValue { .text(self) }
    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self = text
    }
}

extension Int64: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(self) }
    package init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self = number
    }
}

extension Int: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(Int64(self)) }
    package init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self.init(exactly: number)
    }
}

/// Stored as 0 or 1. A nullable time (`revoked_at`) says more than a flag; prefer it.
extension Bool: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(self ? 1 : 0) }
    package init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

/// Stored as whole seconds since 1970; a fraction is cut off towards the past.
extension Date: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue {
        let seconds = timeIntervalSince1970.rounded(.down)
        return .integer(Int64(exactly: seconds) ?? (seconds < 0 ? .min : .max))
    }
    package init?(sqlValue: SQLValue) {
        guard case .integer(let seconds) = sqlValue else { return nil }
        self.init(timeIntervalSince1970: TimeInterval(seconds))
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    package static var sqlType: SQLType { Wrapped.sqlType }
    package var sqlValue: SQLValue { self?.sqlValue ?? .null }
    package init?(sqlValue: SQLValue) {
        if sqlValue == .null {
            self = .none
        } else if let wrapped = Wrapped(sqlValue: sqlValue) {
            self = .some(wrapped)
        } else {
            return nil
        }
    }
}

extension SQLConvertible where Self: RawRepresentable, RawValue: SQLConvertible {
    package static var sqlType: SQLType { RawValue.sqlType }
    package var sqlValue: SQLValue { rawValue.sqlValue }
    package init?(sqlValue: SQLValue) {
        guard let rawValue = RawValue(sqlValue: sqlValue) else { return nil }
        self.init(rawValue: rawValue)
    }
}
