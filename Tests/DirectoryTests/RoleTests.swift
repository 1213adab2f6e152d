import Directory
import Testing

@Suite("Roles and what they allow")
struct RoleTests {
    @Test("an administrator may do everything that there is", arguments: Permission.allCases)
    func administrator(_ permission: Permission) {
        #expect(Role.administrator.permissions.contains(permission))
        #expect(Set([Role.administrator]).allow(permission))
    }

    @Test("nobody without a role may do anything", .tags(.security), arguments: Permission.allCases)
    func none(_ permission: Permission) {
        #expect(!Set<Role>().allow(permission))
    }

    @Test("the names are stored and typed, and so never change")
    func names() {
        #expect(Role.allCases.map(\.rawValue) == ["administrator"])
        for text in ["", "Administrator", "administrator ", "admin", "root"] { #expect(Role(rawValue: text) == nil) }
    }
}
