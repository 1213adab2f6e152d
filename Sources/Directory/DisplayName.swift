/// The name under which people see a tenant, user, group or application.
package enum DisplayName {
    /// Checks a name.
    /// - Returns: The name without white space at its ends.
    /// - Throws: `badDisplayName` when it is empty, longer than 128 scalars, or holds control or format characters:
    ///   a line break would split log lines, a direction mark would let one application look like another.
    package static func checked(_ text: String) throws(DirectoryError) -> String {
        let name = trimmed(text)
        guard (1...128).contains(name.unicodeScalars.count) else { throw .badDisplayName }
        guard name.unicodeScalars.allSatisfy(isVisible) else { throw .badDisplayName }
        return name
    }

    private static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars.drop { $0.properties.isWhitespace })
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }
}
