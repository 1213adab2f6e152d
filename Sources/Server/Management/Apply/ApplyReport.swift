/// What applying a document did, or would do.
package struct ApplyReport: Equatable, Sendable {
    /// What an entry of the document came to.
    package enum Outcome: String, Equatable, Sendable, CaseIterable {
        case created, changed, unchanged
    }

    /// What an entry describes; the raw value is its word in tables and JSON.
    package enum Kind: String, Equatable, Sendable, CaseIterable {
        case tenant, department, group, user, application
        case clientSecret = "client secret"
    }

    /// One entry and what it came to.
    package struct Line: Equatable, Sendable {
        /// Code of the tenant.
        package let tenant: String
        package let kind: Kind
        /// Code, username, short name or name of the group.
        package let name: String
        package let outcome: Outcome
        /// Names of the changed fields.
        package let fields: [String]
    }

    package var lines: [Line] = []
    /// What was generated, to be shown once.
    package var credentials: [IssuedCredential] = []

    /// Whether the document says nothing that was not so before.
    package var isUnchanged: Bool { lines.allSatisfy { $0.outcome == .unchanged } }
}
