import FoundationEssentials
import TestSupport
import Testing
import Wire

@Suite("/assets")
struct AssetTests {
    struct Asset: Sendable, CustomTestStringConvertible {
        var testDescription: String { path }
        var path: String
        var type: String
        var caching: String
    }

    static let assets = [
        Asset(path: "/assets/gatehouse.css", type: "text/css; charset=utf-8", caching: forever),
        Asset(path: "/assets/gatehouse.js", type: "text/javascript; charset=utf-8", caching: forever),
        Asset(path: "/assets/puzzle.js", type: "text/javascript; charset=utf-8", caching: forever),
        Asset(path: "/assets/password-rules.js", type: "text/javascript; charset=utf-8", caching: forever),
        Asset(path: "/assets/gatehouse.svg", type: "image/svg+xml", caching: day),
        Asset(path: "/favicon.ico", type: "image/x-icon", caching: day),
    ]
    static let forever = "public, max-age=31536000, immutable"
    static let day = "public, max-age=86400"

    @Test("is served as it lies in the repository", arguments: assets)
    func serves(_ asset: Asset) async throws {
        try await TestServer.run { server in
            let name = try #require(asset.path.split(separator: "/").last)
            let file = URL(filePath: "\(TestServer.repository)/Templates/assets/\(name)")
            let reply = try await server.send("GET", asset.path)
            #expect(reply.status == 200)
            #expect(reply.body == Array(try Data(contentsOf: file)))
            #expect(
                reply.fixedHeaders == [
                    "content-type": asset.type, "cache-control": asset.caching, "referrer-policy": "no-referrer",
                    "strict-transport-security": "max-age=31536000", "x-content-type-options": "nosniff",
                ])
            let head = try await server.send("HEAD", asset.path)
            #expect(head.fixedHeaders == reply.fixedHeaders)
            #expect(head.body.isEmpty)
        }
    }

    @Test(
        "serves nothing but assets", .tags(.security),
        arguments: [
            "/assets", "/assets/", "/assets/README.md", "/assets/gatehouse.css/", "/assets/none.css", "/README.md",
            "/languages/en.json", "/sign-in/login.mustache",
        ])
    func nothingElse(_ path: String) async throws {
        try await TestServer.run { server async throws in #expect(try await server.send("GET", path).status == 404) }
    }
}
