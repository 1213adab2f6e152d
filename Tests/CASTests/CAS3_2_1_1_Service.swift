import CAS
import Testing

@Suite("CAS 3.0 §2.1.1 service: what may be registered and what matches")
struct ServiceTests {
    @Test(
        "registers an absolute https URL as it is",
        arguments: [
            "https://wiki.example", "https://wiki.example/", "https://wiki.example:8443/a/b",
            "https://wiki.example/cas?next=home&x=1", "https://wiki.example/%E4%BD%A0?q=a%20b",
            "https://[2001:db8::1]/cas",
            "https://10.1.2.3/cas", "https://example.com&tenant=t1",
        ])
    func registers(_ url: String) throws {
        guard url != "https://example.com&tenant=t1" else {
            // The workbench's sample: `&` is no host character, so this one is not a URL.
            #expect(throws: ServiceURLError.malformed) { try ServiceURL(registering: url, allowsPlainHTTP: false) }
            return
        }
        #expect(try ServiceURL(registering: url, allowsPlainHTTP: false).text == url)
    }

    @Test(
        "registers http on loopback without further leave",
        arguments: ["http://localhost:8082/cas", "http://127.0.0.1/", "http://127.9.8.7:1/", "http://[::1]:8082/cas"])
    func loopback(_ url: String) throws {
        #expect(try ServiceURL(registering: url, allowsPlainHTTP: false).text == url)
    }

    @Test("registers other http addresses only with leave", .tags(.security))
    func plainHTTP() throws {
        #expect(throws: ServiceURLError.plainHTTP) {
            try ServiceURL(registering: "http://wiki.example/", allowsPlainHTTP: false)
        }
        #expect(
            try ServiceURL(registering: "http://wiki.example/", allowsPlainHTTP: true).text == "http://wiki.example/")
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var url: String
        var error: ServiceURLError
    }

    @Test(
        "does not register", .tags(.security),
        arguments: [
            Refusal(testDescription: "a fragment", url: "https://wiki.example/#top", error: .fragment),
            Refusal(testDescription: "an empty fragment", url: "https://wiki.example/#", error: .fragment),
            Refusal(testDescription: "a relative URL", url: "/cas", error: .malformed),
            Refusal(testDescription: "no host", url: "https:///cas", error: .malformed),
            Refusal(testDescription: "a script", url: "javascript:alert(1)//https://wiki.example", error: .malformed),
            Refusal(testDescription: "another scheme", url: "ftp://wiki.example/", error: .malformed),
            Refusal(testDescription: "a user name", url: "https://wiki.example@evil.example/", error: .malformed),
            Refusal(testDescription: "a wildcard host", url: "https://*.example/", error: .malformed),
            Refusal(testDescription: "a backslash", url: "https://wiki.example\\@evil.example/", error: .malformed),
            Refusal(testDescription: "a space", url: "https://wiki.example/a b", error: .malformed),
            Refusal(testDescription: "a line feed", url: "https://wiki.example/\nSet-Cookie: a=b", error: .malformed),
            Refusal(testDescription: "NUL", url: "https://wiki.example/\0", error: .malformed),
            Refusal(testDescription: "a character beyond ASCII", url: "https://wiki.example/你", error: .malformed),
            Refusal(testDescription: "a port that is none", url: "https://wiki.example:x/", error: .malformed),
            Refusal(testDescription: "a port too large", url: "https://wiki.example:65536/", error: .malformed),
            Refusal(testDescription: "a broken escape", url: "https://wiki.example/%4", error: .brokenEscape),
            Refusal(testDescription: "an escape that is none", url: "https://wiki.example/%zz", error: .brokenEscape),
            Refusal(
                testDescription: "a ticket in the query", url: "https://wiki.example/?ticket=1", error: .ticketParameter
            ),
            Refusal(
                testDescription: "an encoded ticket in the query", url: "https://wiki.example/?a=1&%74icket=1",
                error: .ticketParameter),
            Refusal(
                testDescription: "http that looks like loopback", url: "http://127.0.0.1.evil.example/",
                error: .plainHTTP),
            Refusal(testDescription: "http on a private address", url: "http://10.0.0.1/", error: .plainHTTP),
        ])
    func refuses(_ refusal: Refusal) {
        #expect(throws: refusal.error) { try ServiceURL(registering: refusal.url, allowsPlainHTTP: false) }
    }

    @Test("every refusal says in one sentence what to fix", arguments: ServiceURLError.allCases)
    func explains(_ error: ServiceURLError) {
        #expect("\(error.text)".contains("service URL"))
    }

    static let registered = "https://wiki.example:8443/cas?next=/home"

    @Test("matches the registered bytes", .tags(.security))
    func matches() {
        #expect(ServiceURL(stored: Self.registered).matches(Self.registered))
    }

    @Test(
        "does not match anything else", .tags(.security),
        arguments: [
            "", "https://wiki.example:8443/cas", registered + "/", registered + "&a=1", registered + "#",
            registered + " ",
            "HTTPS://wiki.example:8443/cas?next=/home", "https://WIKI.example:8443/cas?next=/home",
            "https://wiki.example/cas?next=/home", "https://wiki.example.:8443/cas?next=/home",
            "http://wiki.example:8443/cas?next=/home", "https://a@wiki.example:8443/cas?next=/home",
            "https://wiki.example:8443@evil.example/cas?next=/home", "https://wiki.example:8443\\@evil.example",
            "https://wiki.example:8443/cas?next=%2Fhome", "https://wiki.example:8443/%63as?next=/home",
            "https://wiki.example:8443/./cas?next=/home", "https://wiki.example:8443/x/../cas?next=/home",
            "https://wiki.example:8443/x/..;/cas?next=/home", "https://wiki.example:8443//cas?next=/home",
            "https://wiki.example:08443/cas?next=/home", "https://wiki.example:8443/cas?next=/home\0",
        ])
    func refusesVariants(_ presented: String) {
        #expect(!ServiceURL(stored: Self.registered).matches(presented))
    }

    @Test("two spellings of one character are two services", .tags(.security))
    func canonicalEquivalence() {
        #expect(!ServiceURL(stored: "https://wiki.example/caf\u{E9}").matches("https://wiki.example/cafe\u{301}"))
    }

    @Test("finds the registered URL among several")
    func several() {
        let service = RegisteredService(
            applicationID: "a-wiki", urls: [ServiceURL(stored: "https://wiki.example/"), wiki], isEnabled: true,
            ticketLifetime: 180)
        #expect(service.url(matching: "https://wiki.example/cas") == wiki)
        #expect(service.url(matching: "https://wiki.example/cas/") == nil)
    }
}

@Suite("CAS 3.0 §2.2.4 response: the ticket on the service URL")
struct RedirectionTests {
    @Test(
        "adds the ticket to the query",
        arguments: [
            ("https://wiki.example", "https://wiki.example?ticket=ST-1"),
            ("https://wiki.example/cas", "https://wiki.example/cas?ticket=ST-1"),
            ("https://wiki.example/cas?", "https://wiki.example/cas?ticket=ST-1"),
            ("https://wiki.example/cas?a=1", "https://wiki.example/cas?a=1&ticket=ST-1"),
            ("https://wiki.example/cas?a=1&", "https://wiki.example/cas?a=1&ticket=ST-1"),
            ("https://wiki.example/cas?a=%26b", "https://wiki.example/cas?a=%26b&ticket=ST-1"),
            ("https://wiki.example/cas?a=?", "https://wiki.example/cas?a=?ticket=ST-1"),
        ])
    func adds(_ service: String, _ location: String) {
        #expect(ServiceURL(stored: service).location(ticket: "ST-1") == location)
    }
}
