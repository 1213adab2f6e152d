import Identity
import TestSupport
import Testing

@Suite("/logout")
struct SignOutPageTests {
    @Test("a link alone signs nobody out", .tags(.security))
    func asks() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let reply = try await browser.get("/logout")
            #expect(reply.heading == "Sign out?")
            #expect(reply.text.contains("Alice Liddell"))
            #expect(try await browser.isSignedIn())
        }
    }

    @Test("our own button does, from the page that asks and from the header", arguments: ["/logout", "/", "/account"])
    func signsOut(_ page: String) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let form = try await browser.visit(page).form(to: "/logout")
            let reply = try await browser.post("/logout", form.sending())
            #expect(reply.location == "/logout")
            #expect(reply.cookies == ["__Host-gatehouse-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"])
            #expect(try await browser.get("/logout").heading == "You are signed out")
            #expect(try await server.sessions().isEmpty)
        }
    }

    @Test("says so where nobody is signed in")
    func nobody() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.browser().get("/logout").heading == "You are signed out")
            #expect(try await server.browser().post("/logout", []).location == "/logout")
        }
    }
}
