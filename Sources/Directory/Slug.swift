/// The short stable name of a tenant (its code) or application, used in commands, apply files and log lines.
package enum Slug {
    /// Checks a short name.
    /// - Throws: `badSlug` unless it is 1 to 40 of `a-z 0-9 -`, begins with a letter and does not end in a hyphen.
    ///   There are no capitals, so that two names never differ by case only.
    package static func checked(_ text: String) throws(DirectoryError) -> String {
        guard let first = text.utf8.first, first.isASCIILowercase, text.utf8.count <= 40 else { throw .badSlug }
        let hyphen = UInt8(ascii: "-")
        guard text.utf8.allSatisfy({ $0.isASCIILowercase || $0.isASCIIDigit || $0 == hyphen }) else { throw .badSlug }
        guard text.utf8.last != hyphen else { throw .badSlug }
        return text
    }
}
