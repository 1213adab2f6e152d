/// A set of users that authorisation can name.
package struct Group: Hashable, Sendable {
    package var id: String
    package var tenantID: String
    /// Unique in the tenant; checked by ``DisplayName``.
    package var name: String

    package init(id: String, tenantID: String, name: String) {
        self.id = id
        self.tenantID = tenantID
        self.name = name
    }
}
