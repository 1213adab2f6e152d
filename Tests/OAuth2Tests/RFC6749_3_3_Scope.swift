import OAuth2
import Testing

@Suite("RFC 6749 §3.3 Access token scope")
struct ScopeTests {
    @Test("is an ordered set of words")
    func parses() throws {
        let scope = try Scope(parsing: "profile openid profile")
        #expect(scope.tokens == ["profile", "openid"])
        #expect(scope.text == "profile openid")
    }

    @Test("takes every character of the grammar")
    func characters() throws {
        let all = (0x21...0x7E).filter { $0 != 0x22 && $0 != 0x5C }.map { UInt8($0) }
        let word = String(decoding: all, as: UTF8.self)
        #expect(try Scope(parsing: word).tokens == [word])
    }

    @Test(
        "refuses what the grammar does not have",
        arguments: [
            "", " ", " openid", "openid ", "openid  email", "openid\temail", "open\"id", "open\\id", "open\u{7f}id",
            "ópenid", "open\u{0}id", "openid\nemail",
        ])
    func refuses(_ text: String) {
        let error = #expect(throws: OAuth2Error.self) { try Scope(parsing: text) }
        #expect(error?.code == .invalidScope)
    }

    @Test("costs bounded work", .tags(.security))
    func bounded() throws {
        let words = (1...64).map { "w\($0)" }
        #expect(try Scope(parsing: words.joined(separator: " ")).tokens == words)
        #expect(throws: OAuth2Error.self) { try Scope(parsing: (words + ["one-more"]).joined(separator: " ")) }
    }

    @Test("compares as sets and keeps the order of the left side")
    func sets() throws {
        let asked = try Scope(parsing: "email openid x")
        #expect(asked.intersection(.standard) == (try Scope(parsing: "email openid")))
        #expect(try Scope(parsing: "openid").isSubset(of: asked))
        #expect(!asked.isSubset(of: .standard))
        #expect(try Scope(stored: "") == .empty)
    }

    @Test("a new client is not allowed offline_access", .tags(.security))
    func standard() {
        #expect(Scope.standard.tokens == ["openid", "profile", "email", "phone", "groups"])
        #expect(Scope.supported.contains(Scope.offlineAccess))
    }
}
