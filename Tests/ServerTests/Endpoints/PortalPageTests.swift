import Directory
import Storage
import TestSupport
import Testing

@Suite("GET / (portal)")
struct PortalPageTests {
    @Test("sends somebody unknown to sign in and comes back")
    func signIn() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let arrived = try await browser.visit("/")
            #expect(arrived.trail == ["/", "/login?i=\(try arrived.interactionID)"])
            let done = try await browser.enter("alice", Samples.password, on: arrived)
            #expect(done.trail == ["/login", "/"])
            #expect(done.reply.heading == "My applications")
        }
    }

    @Test("shows a tile for each application that the person may open and that has an address", .tags(.security))
    func tiles() async throws {
        try await TestServer.run { server in
            func tiles(_ name: String) async throws -> [String] {
                let page = try await server.signedIn(name).get("/").text
                return ["notes", "mail", "desk", "payroll", "wiki", "ledger"].filter {
                    page.contains("href=\"https://\($0).example/\"")
                }
            }
            #expect(try await tiles("alice") == ["notes", "mail", "payroll", "wiki", "ledger"])
            #expect(try await tiles("frank") == ["notes", "mail", "wiki"])
            try await server.disable(Samples.wiki)
            #expect(try await tiles("frank") == ["notes", "mail"])
        }
    }

    @Test("shows text of the directory as text", .tags(.security))
    func escapes() async throws {
        try await TestServer.run { server in
            let hostile = "<script>alert('1')</script>\"&"
            try await server.change { db in
                var alice = Samples.alice
                alice.profile.name = hostile
                try db.users(Samples.sealingKey).update(alice)
                var notes = Samples.notes
                notes.name = hostile
                try db.applications.update(notes)
            }
            let browser = try await server.signedIn()
            for path in ["/", "/account", "/account/history", "/logout"] {
                #expect(try await !browser.get(path).text.contains("<script>alert"))
            }
            #expect(try await !server.browser().visit(authorize()).reply.text.contains("<script>alert"))
        }
    }

    @Test("shows one of our notices and nothing else that the address says", .tags(.security))
    func notices() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            #expect(try await browser.get("/?notice=passwordSaved").text.contains("Your new password is saved."))
            let plain = try await browser.get("/").text
            #expect(try await browser.get("/?notice=errorTooLargeTitle").text == plain)
            #expect(try await browser.get("/?notice=%3Cb%3Ehello").text == plain)
        }
    }
}
