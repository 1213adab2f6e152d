package import FoundationEssentials

/// Puzzles, and other passes, that were used: each serves once.
package struct SpentPuzzles {
    let db: any Connection

    /// Uses a pass up.
    /// - Parameter expiresAt: When it is worth nothing any more by itself, so that the row may be swept.
    /// - Returns: Whether it was still to be had: of any number of requests at once, one gets true.
    package func spend(_ id: String, expiresAt: Date) throws -> Bool {
        let spent: [String] = try db.rows(
            """
            INSERT INTO spent_puzzles (id, expires_at) VALUES (\(id), \(expiresAt))
            ON CONFLICT (id) DO NOTHING RETURNING id
            """
        ) { try $0.next() }
        return !spent.isEmpty
    }
}

extension Connection {
    /// Used puzzles.
    package var spentPuzzles: SpentPuzzles { SpentPuzzles(db: self) }
}
