import OAuth2
import Testing

@Suite("RFC 6749 §3.1.2 Redirection endpoint")
struct RedirectURITests {
    @Test(
        "registers absolute https addresses, http on loopback and private-use schemes",
        arguments: [
            "https://client.example/cb", "https://client.example", "https://client.example:8443/cb?tenant=a&x=%20",
            "https://[2001:db8::1]/cb", "https://my_app.corp.example/", "https://client.example/a;b=c/d",
            "https://client.example/?next=https://other.example/../x", "http://127.0.0.1/cb",
            "http://127.0.0.1:3000/cb",
            "http://[::1]:3000/cb", "http://localhost:3000/cb", "com.example.app:/oauth/cb", "com.example.app://cb",
        ])
    func registers(_ text: String) throws {
        #expect(try RedirectURI(registering: text).text == text)
    }

    @Test(
        "refuses to register anything else, and says why", .tags(.security),
        arguments: [
            ("", .length), ("https://client.example/" + String(repeating: "a", count: 2000), .length),
            ("https://client.example/a b", .character), ("https://client.example\\@evil.example/", .character),
            ("https://client.example/\u{0}", .character), ("https://client.example/\n", .character),
            ("https://client.example/\"", .character), ("https://client.example/<script>", .character),
            ("https://exämple.com/", .character), ("https://client.example/%", .character),
            ("https://client.example/%2", .character), ("https://client.example/%zz", .character),
            ("/cb", .scheme), ("client.example/cb", .scheme), ("//client.example/cb", .scheme), (":/cb", .scheme),
            ("javascript:alert(1)", .scheme), ("JavaScript://client.example/%0aalert(1)", .scheme),
            ("data:text/html,x", .scheme), ("file:///etc/passwd", .scheme), ("ftp://client.example/", .scheme),
            ("vbscript:x", .scheme), ("blob:https://client.example/1", .scheme), ("myapp://cb", .scheme),
            ("http://client.example/cb", .scheme), ("http://127.0.0.1.evil.example/cb", .scheme),
            ("http://127.1/cb", .scheme), ("http://localhost.evil.example/", .scheme), ("ws://127.0.0.1/", .scheme),
            ("https://client.example/cb#", .fragment), ("https://client.example/cb#a", .fragment),
            ("https://user@client.example/", .userinfo), ("https://user:pw@client.example/", .userinfo),
            ("https://client.example:443@evil.example/", .userinfo), ("com.example.app://u@cb", .userinfo),
            ("https://", .host), ("https:///cb", .host), ("https:client.example", .host),
            ("https://*.client.example/", .host), ("https://client.example./", .host), ("https://a..b/", .host),
            ("https://client%2eexample/", .host), ("https://[::1/", .host), ("https://[]/", .host),
            ("https://[client.example]/", .host),
            ("https://client.example:/", .port), ("https://client.example:0/", .port),
            ("https://client.example:65536/", .port), ("https://client.example:4a/", .port),
            ("https://client.example:443:443/", .port), ("https://[::1]x/", .port),
            ("https://client.example/../cb", .path), ("https://client.example/a/./b", .path),
            ("https://client.example/%2e%2E/cb", .path), ("https://client.example/.%2e/cb", .path),
            ("https://client.example/..;/cb", .path), ("https://client.example/..;a=b/cb", .path),
            ("https://client.example/a%2Fb", .path), ("https://client.example/a%5cb", .path),
            ("com.example.app:cb", .path),
        ] as [(String, RedirectURI.Problem)])
    func refuses(_ text: String, _ problem: RedirectURI.Problem) {
        #expect(throws: problem) { try RedirectURI(registering: text) }
    }

    /// All of these differ from `https://client.example/cb`, and none may pass, whatever the kind of client.
    static let hostile = [
        "https://client.example/cb/", "https://client.example/cb?", "https://client.example/cb?x=1",
        "https://client.example/cb#", "https://client.example/cb/../cb", "https://client.example/./cb",
        "https://client.example/x/%2e%2e/cb", "https://client.example/x/..;/cb", "https://client.example//cb",
        "https://client.example/%63b", "https://client.example/cb%00", "https://client.example/cb%20",
        "https://client.example/CB", "https://client.example/cb\\", "https://client.example/cb;x",
        "HTTPS://client.example/cb", "https://CLIENT.example/cb", "https://client.example:443/cb",
        "https://client.example./cb", "https://client.example@evil.example/cb",
        "https://evil.example@client.example/cb", "https://client.example:80@evil.example/cb",
        "https://client.example\\@evil.example/cb", "https://client.example.evil.example/cb",
        "https://evil.example/https://client.example/cb", "https://evil.example#https://client.example/cb",
        "http://client.example/cb", "//client.example/cb", "/cb", "client.example/cb", "https:/client.example/cb",
        " https://client.example/cb", "https://client.example/cb ", "https://client.example/cb\n",
        "https://client.example/cb\u{0}", "https://client.example/cb\u{301}", "https://client．example/cb",
        "https://cl\u{0456}ent.example/cb", "https://[::1]/cb", "https://client.example/cb,https://evil.example/",
        "javascript:alert(1)", "data:text/html,x", "",
    ]

    @Test("matches the registered bytes and nothing else", .tags(.security), arguments: hostile)
    func matching(_ presented: String) throws {
        for kind in Client.Kind.allCases {
            let client = try Sample.client(kind)
            #expect(client.accepts(redirectURI: "https://client.example/cb"))
            #expect(!client.accepts(redirectURI: presented))
            #expect(!client.accepts(postLogoutRedirectURI: presented))
        }
    }

    @Test("two spellings of one glyph are two addresses", .tags(.security))
    func canonicalEquivalence() throws {
        // Never registrable, but the comparison must not depend on that: `String ==` calls these equal.
        let composed = "com.example.app:/caf%C3%A9"
        let registered = try RedirectURI(registering: composed)
        #expect("\u{e9}" == "e\u{301}")
        #expect(!registered.matches("com.example.app:/caf\u{e9}", from: .public))
        #expect(!registered.matches("com.example.app:/cafe\u{301}", from: .public))
    }

    @Test("several registered addresses are each accepted")
    func several() throws {
        let client = try Sample.client {
            $0.redirectURIs.append(try RedirectURI(registering: "https://client.example/other"))
        }
        #expect(client.accepts(redirectURI: "https://client.example/other"))
        #expect(!client.accepts(redirectURI: "https://client.example/third"))
    }

    @Test("a client without addresses accepts none", .tags(.security))
    func none() throws {
        let client = try Sample.client { $0.redirectURIs = [] }
        #expect(!client.accepts(redirectURI: "https://client.example/cb"))
        #expect(!client.accepts(redirectURI: ""))
    }

    @Test(
        "an address that we are to call is https or http on loopback", .tags(.security),
        arguments: ["com.example.app:/logout", "http://client.example/logout", "ftp://client.example/"])
    func callback(_ text: String) throws {
        try RedirectURI.check(callback: "https://client.example/logout")
        try RedirectURI.check(callback: "http://localhost:3000/logout")
        #expect(throws: RedirectURI.Problem.scheme) { try RedirectURI.check(callback: text) }
    }

    @Test("every problem says what to change", arguments: RedirectURI.Problem.allCases)
    func explains(_ problem: RedirectURI.Problem) {
        #expect(problem.explanation.description.hasPrefix("the "))
    }
}

@Suite("RFC 8252 §7.3 Loopback interface redirection")
struct LoopbackRedirectTests {
    @Test(
        "a native application may listen on any port",
        arguments: ["http://127.0.0.1:51004/cb?a=1", "http://127.0.0.1:1/cb?a=1", "http://127.0.0.1/cb?a=1"])
    func anyPort(_ presented: String) throws {
        let registered = try RedirectURI(registering: "http://127.0.0.1:3000/cb?a=1")
        #expect(registered.matches(presented, from: .public))
    }

    @Test("IPv6 too, and without a path")
    func v6() throws {
        #expect(try RedirectURI(registering: "http://[::1]/cb").matches("http://[::1]:51004/cb", from: .public))
        #expect(try RedirectURI(registering: "http://127.0.0.1").matches("http://127.0.0.1:51004", from: .public))
    }

    @Test("a confidential client is no native application", .tags(.security))
    func confidential() throws {
        let registered = try RedirectURI(registering: "http://127.0.0.1/cb")
        #expect(!registered.matches("http://127.0.0.1:51004/cb", from: .confidential))
        #expect(registered.matches("http://127.0.0.1/cb", from: .confidential))
    }

    @Test(
        "only the port may differ", .tags(.security),
        arguments: [
            "http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1@evil.example/cb",
            "http://127.0.0.1.evil.example/cb", "http://127.0.0.1:51004", "http://127.0.0.1:51004/",
            "http://127.0.0.1:51004/cb/", "http://127.0.0.1:51004/cb?x", "http://127.0.0.1:51004/cb#x",
            "http://127.0.0.1:51004\\cb", "http://127.0.0.1:/cb", "http://127.0.0.1:0/cb", "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:080/cb", "http://127.0.0.1:80:81/cb", "http://127.0.0.1:8a/cb", "http://127.0.0.1:-1/cb",
            "http://127.0.0.2:51004/cb", "http://[::1]:51004/cb", "http://localhost:51004/cb",
            "https://127.0.0.1:51004/cb", "HTTP://127.0.0.1:51004/cb", "http://127.0.0.1:５/cb",
            "http://127.0.0.1:51004/../cb", "http://127.0.0.1:51004//cb",
        ])
    func onlyThePort(_ presented: String) throws {
        let registered = try RedirectURI(registering: "http://127.0.0.1/cb")
        #expect(!registered.matches(presented, from: .public))
    }

    @Test(
        "localhost and https get no exception", .tags(.security),
        arguments: ["http://localhost", "https://127.0.0.1", "https://client.example"])
    func noException(_ origin: String) throws {
        let registered = try RedirectURI(registering: origin + "/cb")
        #expect(registered.matches(origin + "/cb", from: .public))
        #expect(!registered.matches(origin + ":51004/cb", from: .public))
    }
}
