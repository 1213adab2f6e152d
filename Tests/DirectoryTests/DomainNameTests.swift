import Directory
import Testing

@Suite("Domains: names")
struct DomainNameTests {
    @Test(
        "a domain is small letters without anything around it",
        arguments: [
            ("example.com", "example.com"), ("Example.COM", "example.com"), (" example.com ", "example.com"),
            ("ｅxample．com", "example.com"), ("corp.example.co.uk", "corp.example.co.uk"), ("www.com", "www.com"),
            ("www2.example.com", "www2.example.com"), ("xn--fiq228c.com", "xn--fiq228c.com"),
            ("example.xn--fiqs8s", "example.xn--fiqs8s"), ("1.example", "1.example"), ("a-b.cn", "a-b.cn"),
        ])
    func accepted(_ typed: String, _ text: String) throws {
        #expect(try DomainName(typed).text == text)
    }

    static let refused: [(String, DirectoryError)] =
        [
            "", "com", "http://example.com", "https://example.com", "example.com/", "example.com/login",
            "example.com:443", "example.com.", ".example.com", "example..com", "tom@example.com", "exa mple.com",
            "-a.com", "a-.com", "a_b.com", "*.example.com", "127.0.0.1", "10.1", "example.1", "example.c0m", "a.b",
            "[::1]", "example.com?x", "example.com#x", "example.com\u{0}",
        ].map { ($0, .badDomainName) }
        + ["www.example.com", "WWW.example.com", "www.www.com"].map { ($0, .domainBeginsWithWWW) }
        + ["例え.jp", "bücher.de", "exаmple.com", "example。com", "\u{212a}.com"].map { ($0, .domainIsNotASCII) }
        + [
            "localhost.localdomain.localhost", "printer.local", "db.internal", "a.test", "a.invalid", "a.onion",
            "a.alt",
            "home.arpa", "1.0.0.127.in-addr.arpa",
        ].map { ($0, .domainIsNobodys) }

    @Test("anything else is refused, and the refusal says why", .tags(.security), arguments: refused)
    func refuses(_ typed: String, _ error: DirectoryError) {
        #expect(throws: error) { try DomainName(typed) }
    }

    @Test("the longest domain still has room for the names of its record")
    func longest() throws {
        let label = String(repeating: "a", count: 62)
        let longest = "\(label)a.\(label)a.\(label)a.\(String(repeating: "b", count: 15)).cn"
        let name = try DomainName(longest)
        let claim = ClaimedDomain(name, of: "t", token: String(repeating: "k", count: 32), now: Sample.now)
        #expect(claim.recordTarget.utf8.count == 253)
        #expect(throws: DirectoryError.badDomainName) { try DomainName("b\(longest)") }
        #expect(throws: DirectoryError.badDomainName) { try DomainName("\(label)aa.com") }
    }
}
