import Directory
import Testing

@Suite("Hosts, links and issuers")
struct AddressTests {
    @Test(
        "a tenant's host is read from an authority",
        arguments: [
            ("sso.acme.example", "sso.acme.example"), ("SSO.Acme.Example:8443", "sso.acme.example"),
            ("sso.acme.example.", "sso.acme.example"), ("localhost:8080", "localhost"), ("127.0.0.1:1", "127.0.0.1"),
            ("[::1]:8080", "[::1]"), ("[FE80::1]", "[fe80::1]"), ("acme.example:", "acme.example"),
        ])
    func host(_ authority: String, _ host: String) {
        #expect(HostName.host(ofAuthority: authority) == host)
    }

    @Test(
        "a forged Host header names no tenant", .tags(.security),
        arguments: [
            "", ":80", "a b", "user@acme.example", "acme.example/evil", "acme.example?x", "acme.example#x", "a..b",
            "-a.b",
            "a_b", "acme.example:80:80", "acme.example:99999999", "acme.example:8o", "[::1", "[::1]x", "[::1]:x", "[]",
            "[g::1]", "acme.example,evil.example", "acme.example\u{0}", "acme.example\r\nX: y", "аcme.example",
            "..", ".", String(repeating: "a", count: 64), String(repeating: "a.", count: 150) + "b",
        ].map(Shown.init))
    func forgedHost(_ shown: Shown) {
        #expect(HostName.host(ofAuthority: shown.text) == nil)
    }

    @Test("a link is taken apart without changing it")
    func webURL() throws {
        let url = try WebURL("HTTPS://Wiki.Acme.example:8443/a/b?c=d#e")
        #expect(url.text == "HTTPS://Wiki.Acme.example:8443/a/b?c=d#e")
        #expect(
            [url.scheme, url.host, url.rest, url.origin] == [
                "https", "wiki.acme.example", "/a/b?c=d#e", "https://wiki.acme.example:8443",
            ])
        #expect(url.port == 8443)
    }

    @Test(
        "an origin leaves the scheme's own port out",
        arguments: [
            ("https://a.b:443/x", "https://a.b"), ("http://a.b:80", "http://a.b"), ("http://a.b:443", "http://a.b:443"),
            ("http://[::1]:9000/cb", "http://[::1]:9000"), ("https://a.b?x", "https://a.b"),
        ])
    func origin(_ text: String, _ origin: String) throws {
        #expect(try WebURL(text).origin == origin)
    }

    @Test(
        "a link in which two readers could see two hosts is refused", .tags(.security),
        arguments: [
            "", "a", "//a.b", "/a", "a.b", "javascript:alert(1)", "javascript://a.b/%0aalert(1)", "data:text/html,x",
            "JaVaScRiPt://a.b", "ftp://a.b", "https:/a.b", "https:a.b", "https://", "https:///a", "https://a.b@c.d",
            "https://a.b:80@c.d/", "https://a.b\\@c.d", "https://a.b /", " https://a.b", "https://a.b\n",
            "https://a.b\t",
            "https://a.b/\u{0}", "https://а.b", "https://a.b:0", "https://a.b:65536", "https://a.b:x", "https://a.b:",
            "https://[::1", "https://%61.b", "https://a.b/<script>", "https://a.b/\"", "https://a..b",
            "https://a.b/" + String(repeating: "x", count: 2_048),
        ].map(Shown.init))
    func badURL(_ shown: Shown) {
        #expect(throws: DirectoryError.badWebURL) { try WebURL(shown.text) }
    }

    @Test(
        "an issuer is an https address, or http on loopback",
        arguments: [
            "https://sso.acme.example", "https://sso.acme.example:8443", "https://sso.acme.example/acme",
            "http://localhost:8080", "http://acme.localhost:8080", "http://127.0.0.1:8080", "http://127.8.9.1",
            "http://[::1]:8080",
        ])
    func issuer(_ text: String) throws {
        #expect(try Tenant.checkedIssuer(text) == text)
    }

    @Test(
        "any other issuer is refused", .tags(.security),
        arguments: [
            "http://sso.acme.example", "http://10.0.0.1", "http://127.0.0.1.evil.example", "http://127.evil.example",
            "http://localhost.evil.example", "http://127.0.0.256", "https://sso.acme.example/",
            "https://sso.acme.example/a/", "https://sso.acme.example?x=1", "https://sso.acme.example#x",
            "https://sso.acme.example/a//b", "https://sso.acme.example/a/../b", "https://sso.acme.example/./b",
            "https://sso.acme.example/%61", "https://sso.acme.example/a;b", "https://user@sso.acme.example",
            "https://SSO.acme.example", "HTTPS://sso.acme.example", "https://sso.acme.example:443",
            "https://sso.acme.example.", "sso.acme.example",
        ].map(Shown.init))
    func badIssuer(_ shown: Shown) {
        #expect(throws: DirectoryError.badIssuer) { try Tenant.checkedIssuer(shown.text) }
    }
}
