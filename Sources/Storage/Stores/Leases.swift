package import FoundationEssentials

/// Background work that one node at a time may do.
package struct Leases {
    let db: any Connection

    /// Takes a lease, or prolongs one's own.
    /// - Parameters:
    ///   - name: Of the work.
    ///   - holder: Of this node: random text made at its start.
    ///   - lifetime: Seconds after which others may take it.
    /// - Returns: Whether this node holds it now.
    package func take(_ name: String, holder: String, lifetime: TimeInterval, now: Date) throws -> Bool {
        let holders: [String] = try db.rows(
            """
            INSERT INTO leases (name, holder, expires_at) VALUES (\(name), \(holder), \(now + lifetime))
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
            WHERE leases.holder = excluded.holder OR leases.expires_at <= \(now)
            RETURNING holder
            """
        ) { try $0.next() }
        return holders == [holder]
    }
}

extension Connection {
    /// The leases of this installation.
    package var leases: Leases { Leases(db: self) }
}
