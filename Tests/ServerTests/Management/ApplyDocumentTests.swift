import Foundation
import Server
import Testing
import Wire

/// A document of an apply file, written as JSON: what it says is the same, and `ServerTests` needs no YAML.
func document(_ json: JSON) -> DocumentValue {
    switch json {
    case .null: DocumentValue(.null, line: 1)
    case .bool(let value): DocumentValue(.text("\(value)"), line: 1)
    case .integer(let value): DocumentValue(.text("\(value)"), line: 1)
    case .number(let value): DocumentValue(.text("\(value)"), line: 1)
    case .string(let text): DocumentValue(.text(text), line: 1)
    case .array(let elements): DocumentValue(.list(elements.map(document)), line: 1)
    case .object(let members):
        DocumentValue(.object(members.map { .init($0.key, document($0.value)) }), line: 1)
    }
}

/// A tenant with what a test adds to it.
func tenant(_ members: (String, JSON)...) -> JSON {
    let always: [JSON.Member] = [
        .init("code", "acme"), .init("name", "Acme"), .init("issuer", "https://sso.acme.example"),
        .init("groups", ["sales"]),
    ]
    return .object(always + members.map { .init($0.0, $0.1) })
}

@Suite("Apply file: reading")
struct ApplyDocumentTests {
    @Test("reads every field to where it belongs")
    func complete() throws {
        let read = try ApplyDocument(
            document([
                "tenants": [
                    tenant(
                        ("hosts", ["login.acme.example"]), ("settings", ["freeze.failures": 5]),
                        ("users", [["username": "wang", "phone": 13_800_138_000, "passwordHash": "$argon2id$…"]]),
                        (
                            "applications",
                            [
                                [
                                    "slug": "app", "protocol": "oauth", "public": true,
                                    "redirectURIs": ["https://a.example"],
                                    "access": ["groups": ["sales"]],
                                ],
                                [
                                    "slug": "cas", "protocol": "cas", "services": ["https://c.example/"],
                                    "attributes": [["attribute": "employeeID", "name": "number"]],
                                    "access": "everyone",
                                ],
                            ]
                        ))
                ]
            ]))
        let entry = try #require(read.tenants.first).value
        var draft = TenantDraft(
            code: "acme", name: "Acme", issuer: "https://sso.acme.example", hosts: ["login.acme.example"])
        draft.settings = ["freeze.failures": "5"]
        #expect(entry.tenant == draft)
        #expect(entry.groups.map(\.value) == ["sales"])
        #expect(
            entry.users.map(\.value) == [
                UserDraft(username: "wang", phone: "13800138000", credential: .hash("$argon2id$…"))
            ])
        let app = ApplicationDraft(
            slug: "app", access: .selected(users: [], groups: ["sales"]),
            side: .oauth(ClientDraft(isPublic: true, redirectURIs: ["https://a.example"])))
        let cas = ApplicationDraft(
            slug: "cas", access: .everyone, release: [ReleaseDraft("employeeID", as: "number")],
            side: .cas(ServicesDraft(urls: ["https://c.example/"])))
        #expect(entry.applications.map(\.value.application) == [app, cas])
        #expect(entry.applications.map(\.place.path) == ["tenants[0].applications[0]", "tenants[0].applications[1]"])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var document: JSON
        var path: String
    }

    private static func application(_ members: (String, JSON)...) -> JSON {
        let always: [JSON.Member] = [
            .init("slug", "app"), .init("protocol", "oauth"), .init("redirectURIs", ["https://a.example"]),
        ]
        return ["tenants": [tenant(("applications", [.object(always + members.map { .init($0.0, $0.1) })]))]]
    }

    private static func user(_ members: (String, JSON)...) -> JSON {
        let user = JSON.object([.init("username", "wang")] + members.map { .init($0.0, $0.1) })
        return ["tenants": [tenant(("users", [user]))]]
    }

    @Test(
        "refuses, and says where", .tags(.security),
        arguments: [
            Refusal(testDescription: "an empty document", document: .null, path: ""),
            Refusal(testDescription: "a list", document: [], path: ""),
            Refusal(testDescription: "no tenants", document: .object([]), path: ""),
            Refusal(testDescription: "an unknown key at the top", document: ["tenant": []], path: "tenant"),
            Refusal(
                testDescription: "a tenant without code", document: ["tenants": [["name": "a"]]], path: "tenants[0]"),
            Refusal(
                testDescription: "a misspelt key of a tenant", document: ["tenants": [tenant(("usres", []))]],
                path: "tenants[0].usres"),
            Refusal(
                testDescription: "a tenant twice", document: ["tenants": [tenant(), tenant()]], path: "tenants[1]"),
            Refusal(
                testDescription: "a key twice", document: ["tenants": [tenant(("name", "b"))]], path: "tenants[0].name"),
            Refusal(
                testDescription: "a username twice, in another case",
                document: ["tenants": [tenant(("users", [["username": "wang"], ["username": "WANG"]]))]],
                path: "tenants[0].users[1]"),
            Refusal(
                testDescription: "a misspelt key of a user", document: user(("pasword", "x")),
                path: "tenants[0].users[0].pasword"),
            Refusal(
                testDescription: "a value that is missing", document: user(("phone", .null)),
                path: "tenants[0].users[0].phone"),
            Refusal(
                testDescription: "password and hash", document: user(("password", "a"), ("passwordHash", "b")),
                path: "tenants[0].users[0]"),
            Refusal(
                testDescription: "a list of groups that is a text", document: user(("groups", "sales")),
                path: "tenants[0].users[0].groups"),
            Refusal(
                testDescription: "a third protocol",
                document: ["tenants": [tenant(("applications", [["slug": "a", "protocol": "saml"]]))]],
                path: "tenants[0].applications[0].protocol"),
            Refusal(
                testDescription: "a CAS key at an OAuth application",
                document: application(("services", ["https://a.example"])),
                path: "tenants[0].applications[0].services"),
            Refusal(
                testDescription: "a flag that is a word", document: application(("public", "yes")),
                path: "tenants[0].applications[0].public"),
            Refusal(
                testDescription: "a public client with a secret",
                document: application(("public", true), ("clientSecret", "0123456789")),
                path: "tenants[0].applications[0]"),
            Refusal(
                testDescription: "a secret and a file",
                document: application(("clientSecret", "0123456789"), ("clientSecretFile", "f")),
                path: "tenants[0].applications[0]"),
            Refusal(
                testDescription: "access that is no rule", document: application(("access", "nobody")),
                path: "tenants[0].applications[0].access"),
            Refusal(
                testDescription: "a misspelt key of an access rule",
                document: application(("access", ["group": ["sales"]])),
                path: "tenants[0].applications[0].access.group"),
        ])
    func refuses(_ refusal: Refusal) {
        let error = #expect(throws: DocumentRefusal.self) { try ApplyDocument(document(refusal.document)) }
        #expect(error?.place.path == refusal.path)
    }

    @Test("repeats neither a value nor a key that may be one", .tags(.security))
    func silent() {
        let misplaced: JSON = [
            "tenants": [
                tenant(("users", [["username": "wang", "Quiet-Harbour-42": "x", "password": "Quiet-Harbour-42"]]))
            ]
        ]
        let error = #expect(throws: DocumentRefusal.self) { try ApplyDocument(document(misplaced)) }
        #expect(error?.place.path == "tenants[0].users[0].…")
        #expect(error?.description.contains("Harbour") == false)
        #expect("\(document("Quiet-Harbour-42"))" == "•••")
    }
}
