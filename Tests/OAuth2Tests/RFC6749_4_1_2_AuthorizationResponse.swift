import Cryptography
import OAuth2
import Testing
import Wire

@Suite("RFC 6749 §4.1.2 Authorization response")
struct AuthorizationResponseTests {
    static func target(_ redirectURI: String, state: String?) throws -> ResponseTarget {
        let client = try Sample.client { $0.redirectURIs = [try RedirectURI(registering: redirectURI)] }
        let parameters = RequestParameters(
            Sample.authorization, changing: ["redirect_uri": redirectURI, "state": state ?? ""])
        return try ResponseTarget(parameters, client: client, issuer: Sample.issuer)
    }

    @Test("RFC 9207 §2: carries code, state and iss")
    func success() throws {
        let response = AuthorizationResponse(code: Sample.token(), to: try Self.target(Sample.callback, state: "xyz"))
        #expect(
            response.location
                == "https://client.example/cb?code=\(Sample.token().text)&state=xyz&iss=https%3A%2F%2Fid.example")
    }

    @Test("§4.1.2.1: an error carries state and iss too")
    func error() throws {
        let error = OAuth2Error(.accessDenied, "the person may not open this application")
        let response = AuthorizationResponse(error, to: try Self.target(Sample.callback, state: "xyz"))
        #expect(
            response.location == "https://client.example/cb?error=access_denied"
                + "&error_description=the%20person%20may%20not%20open%20this%20application"
                + "&state=xyz&iss=https%3A%2F%2Fid.example")
    }

    @Test("without state there is none in the answer")
    func noState() throws {
        let error = OAuth2Error(.loginRequired, "x")
        let response = AuthorizationResponse(error, to: try Self.target(Sample.callback, state: nil))
        #expect(!response.location.contains("state"))
    }

    @Test(
        "§3.1.2: the client's own query stays",
        arguments: [
            ("https://client.example/cb?a=%20b", "https://client.example/cb?a=%20b&error="),
            ("https://client.example/cb?", "https://client.example/cb?error="),
            ("https://client.example", "https://client.example?error="),
            ("com.example.app:/cb", "com.example.app:/cb?error="),
        ])
    func ownQuery(_ redirectURI: String, _ beginning: String) throws {
        let response = AuthorizationResponse(
            OAuth2Error(.serverError, "x"), to: try Self.target(redirectURI, state: "s"))
        #expect(response.location.hasPrefix(beginning))
    }

    @Test("a state cannot add parameters or header lines", .tags(.security))
    func hostileState() throws {
        let state = "a&code=evil#x\r\nSet-Cookie: a=b\u{e9} +%"
        let response = AuthorizationResponse(
            OAuth2Error(.serverError, "x"), to: try Self.target(Sample.callback, state: state))
        #expect(
            response.location.contains("&state=a%26code%3Devil%23x%0D%0ASet-Cookie%3A%20a%3Db%C3%A9%20%2B%25&iss="))
        #expect(response.location.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    }

    @Test("a response prints as •••: it holds a code", .tags(.security))
    func conceals() throws {
        let response = AuthorizationResponse(code: Sample.token(), to: try Self.target(Sample.callback, state: nil))
        var dumped = ""
        dump(response, to: &dumped)
        #expect(!"\(response) \(String(reflecting: response)) \(dumped)".contains(Sample.token().text))
    }
}
