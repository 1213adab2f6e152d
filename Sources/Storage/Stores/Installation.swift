/// Facts of the installation itself, one row each.
package struct Installation {
    let db: any Connection

    /// The value of a fact, or nil.
    package func value(_ name: String) throws -> String? {
        try db.row("SELECT value FROM installation WHERE name = \(name)") { row in try row.next() }
    }

    /// Stores a fact unless it is there.
    /// - Returns: The value that holds: the one given, or the one that was there first.
    package func settle(_ name: String, _ value: String) throws -> String {
        try db.execute(
            "INSERT INTO installation (name, value) VALUES (\(name), \(value)) ON CONFLICT (name) DO NOTHING")
        return try self.value(name) ?? value
    }
}

extension Connection {
    /// The facts of this installation.
    package var installation: Installation { Installation(db: self) }
}
