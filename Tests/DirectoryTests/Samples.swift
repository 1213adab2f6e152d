import Directory
import FoundationEssentials

/// The accepted values from which tests differ by one field.
enum Sample {
    static let now = Date(timeIntervalSince1970: 1_700_000_000)

    static let tenant = Tenant(
        id: "t-1", code: "acme", name: "极星科技", issuer: "https://sso.acme.example", hosts: ["sso.acme.example"],
        createdAt: now)

    static let user = User(
        id: "u-1", tenantID: "t-1", username: Username(stored: "li.ming"),
        profile: Profile(
            name: "李明", phone: PhoneNumber(stored: "+8613800001234"),
            email: EmailAddress(stored: "Li.Ming@acme.example"), employeeID: "0017"),
        groupIDs: ["g-1", "g-2"], createdAt: now)

    static let groups = [
        Group(id: "g-1", tenantID: "t-1", name: "研发"), Group(id: "g-2", tenantID: "t-1", name: "Finance"),
        Group(id: "g-3", tenantID: "t-1", name: "Board"),
    ]

    static let application = Application(
        id: "a-1", tenantID: "t-1", slug: "wiki", name: "Wiki", protocolKind: .oauth, createdAt: now)
}

/// A copy with one thing changed.
func changed<Value>(_ value: Value, _ change: (inout Value) -> Void) -> Value {
    var value = value
    change(&value)
    return value
}
