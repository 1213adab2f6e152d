package import FoundationEssentials

/// A node of a tenant's organisation tree. A user belongs to any number of them; the first one is the primary one.
package struct Department: Equatable, Sendable {
    package var id: String
    package var tenantID: String
    /// The department above; nil at the top. A tenant may have several at the top.
    package var parentID: String?
    /// The short name of commands and apply files, unique in the tenant; checked by ``Slug``.
    package var code: String
    /// Checked by ``DisplayName``.
    package var name: String
    /// Whether invitations into it work. Off until somebody says otherwise: an invitation is a way in from outside.
    package var invites: Bool
    /// Whole seconds.
    package var createdAt: Date

    package init(
        id: String, tenantID: String, parentID: String? = nil, code: String, name: String, invites: Bool = false,
        createdAt: Date
    ) {
        self.id = id
        self.tenantID = tenantID
        self.parentID = parentID
        self.code = code
        self.name = name
        self.invites = invites
        self.createdAt = createdAt
    }

    /// Levels of a tree at most.
    package static let greatestDepth = 20

    /// Whether a department may stand below another one: not below itself, and not too deep.
    /// - Parameters:
    ///   - parentID: The department above; nil at the top, where everyone may stand.
    ///   - all: The departments of the tenant as they are.
    package static func mayStand(_ id: String, below parentID: String?, among all: [Department]) -> Bool {
        let parents = Dictionary(all.map { ($0.id, $0.parentID) }) { first, _ in first }
        var above = 0
        var next = parentID
        while let current = next {
            guard current != id, above < greatestDepth else { return false }
            above += 1
            next = parents[current] ?? nil
        }
        return above + height(of: id, among: all) <= greatestDepth
    }

    /// The levels of a department with all below it.
    private static func height(of id: String, among all: [Department]) -> Int {
        var level: Set<String> = [id]
        var height = 0
        while !level.isEmpty, height <= greatestDepth {
            height += 1
            level = Set(all.filter { $0.parentID.map(level.contains) ?? false }.map(\.id))
        }
        return height
    }
}
