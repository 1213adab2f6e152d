import FoundationEssentials
import Identity
import JOSE
import OAuth2
import OIDC
import Testing
import Wire

@Suite("OIDC RP-Initiated Logout §2 RP-initiated logout")
struct RPInitiatedLogoutTests {
    let keys: SampleKeys

    init() throws { keys = try SampleKeys() }

    func read(_ parameters: [String: String]) throws -> RPInitiatedLogout {
        try RPInitiatedLogout(
            RequestParameters([:], changing: parameters), issuer: Sample.issuer, keys: keys.published)
    }

    func decide(
        _ parameters: [String: String], client: Client? = try? Sample.client(), session: Session? = Sample.session(),
        isConfirmed: Bool = false
    ) throws -> RPInitiatedLogout.Decision {
        try read(parameters).decide(client: client, session: session, isConfirmed: isConfirmed)
    }

    @Test("a client with a token of this session ends it and gets the person back")
    func endsAndGoes() throws {
        let request = [
            "id_token_hint": try keys.hint(), "post_logout_redirect_uri": Sample.afterLogout, "state": "a&b",
        ]
        #expect(try read(request).clientID == "s6BhdRkqt3")
        #expect(try decide(request) == .endAndGo(to: "https://client.example/bye?state=a%26b"))
    }

    @Test("without an address a page says that the person is signed out")
    func endsAndShows() throws {
        #expect(try decide(["id_token_hint": keys.hint()]) == .endAndShowPage)
        #expect(try decide(["id_token_hint": keys.hint(), "state": "x"], client: nil) == .endAndShowPage)
    }

    @Test("the client may be named beside the hint")
    func sameClient() throws {
        let request = ["id_token_hint": try keys.hint(), "client_id": "s6BhdRkqt3"]
        #expect(try decide(request) == .endAndShowPage)
    }

    @Test(
        "§6: nobody is signed out by a page they only visit", .tags(.security),
        arguments: [
            [:], ["state": "x"], ["client_id": "s6BhdRkqt3"],
            ["client_id": "s6BhdRkqt3", "post_logout_redirect_uri": Sample.afterLogout],
            ["logout_hint": "alice"],
        ])
    func asks(_ parameters: [String: String]) throws {
        #expect(try decide(parameters) == .askConfirmation)
    }

    @Test("a token of another session, another person or no session is asked about", .tags(.security))
    func otherSession() throws {
        for change in [["sid": "s-0"], ["sid": .null], ["sub": "u-2"]] as [[String: JSON]] {
            #expect(try decide(["id_token_hint": keys.hint(change)]) == .askConfirmation)
        }
    }

    @Test("a yes ends the session and keeps the way back")
    func confirmed() throws {
        let request = ["client_id": "s6BhdRkqt3", "post_logout_redirect_uri": Sample.afterLogout]
        #expect(try decide(request, isConfirmed: true) == .endAndGo(to: Sample.afterLogout))
        #expect(try decide([:], client: nil, isConfirmed: true) == .endAndShowPage)
    }

    @Test("where nobody is signed in nothing is asked")
    func nobody() throws {
        let request = ["client_id": "s6BhdRkqt3", "post_logout_redirect_uri": Sample.afterLogout]
        #expect(try decide(request, session: nil) == .endAndGo(to: Sample.afterLogout))
        #expect(try decide([:], client: nil, session: nil) == .endAndShowPage)
    }

    @Test(
        "§3: goes to registered addresses only, byte for byte", .tags(.security),
        arguments: [
            "https://client.example/bye/", "https://client.example/bye?", "https://client.example/bye?x=1",
            "https://client.example/bye#x", "https://CLIENT.example/bye", "https://client.example:443/bye",
            "https://client.example@evil.example/bye", "https://client.example\\@evil.example/bye",
            "https://evil.example/", "//evil.example/", "/\\evil.example", "/bye", "javascript:alert(1)",
            "https://client.example/cb", "https://client.example/x/../bye", "https://client.example/%62ye",
            " https://client.example/bye", "https://client.example/bye\n", "\thttps://client.example/bye",
        ])
    func openRedirect(_ address: String) throws {
        let client = try Sample.client()
        for request in [
            ["id_token_hint": try keys.hint(), "post_logout_redirect_uri": address],
            ["client_id": "s6BhdRkqt3", "post_logout_redirect_uri": address],
        ] {
            for isConfirmed in [false, true] {
                let error = #expect(throws: OAuth2Error.self) {
                    try decide(request, client: client, isConfirmed: isConfirmed)
                }
                #expect(error?.code == .invalidRequest)
            }
        }
    }

    @Test("an address without a known client is refused", .tags(.security))
    func unknownClient() throws {
        let address = ["post_logout_redirect_uri": Sample.afterLogout]
        for request in [
            address, address.merging(["client_id": "other"]) { $1 },
            address.merging(["id_token_hint": try keys.hint(["aud": ["s6BhdRkqt3", "other"]])]) { $1 },
        ] {
            #expect(throws: OAuth2Error.self) { try decide(request, isConfirmed: true) }
        }
        #expect(throws: OAuth2Error.self) {
            try decide(address.merging(["client_id": "s6BhdRkqt3"]) { $1 }, client: nil, isConfirmed: true)
        }
    }

    @Test("a client cannot use another client's token", .tags(.security))
    func foreignHint() throws {
        let error = #expect(throws: OAuth2Error.self) {
            try read(["id_token_hint": keys.hint(["aud": "other"]), "client_id": "s6BhdRkqt3"])
        }
        #expect(error?.code == .invalidRequest)
    }

    @Test("a token that is not ours is refused", .tags(.security))
    func forgedHint() throws {
        #expect(throws: OAuth2Error.self) { try read(["id_token_hint": keys.hint(by: keys.foreign)]) }
        #expect(throws: OAuth2Error.self) { try read(["id_token_hint": keys.hint(["iss": "https://other.example"])]) }
    }

    @Test(
        "refuses a repeated parameter", .tags(.security),
        arguments: ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"])
    func repeated(_ name: String) throws {
        let twice = RequestParameters([:], changing: [name: "1"]).repeating(name, "1")
        let error = #expect(throws: OAuth2Error.self) {
            try RPInitiatedLogout(twice, issuer: Sample.issuer, keys: keys.published)
        }
        #expect(error == .repeated(name))
    }
}
