import OAuth2
import Testing

@Suite("RFC 7636 Proof Key for Code Exchange")
struct PKCETests {
    @Test("appendix B: the verifier answers its challenge")
    func vector() throws {
        let verifier = try PKCE.Verifier(parsing: Sample.verifier)
        #expect(verifier.challengeText == Sample.challenge)
        try PKCE.verify(verifier, against: PKCE.Challenge(stored: Sample.challenge))
    }

    @Test("§4.1: a verifier has 43 to 128 unreserved characters", arguments: [43, 128])
    func verifierLengths(_ count: Int) throws {
        _ = try PKCE.Verifier(parsing: String(repeating: "~", count: count))
    }

    @Test(
        "§4.1: refuses any other verifier", .tags(.security),
        arguments: [
            String(repeating: "a", count: 42), String(repeating: "a", count: 129), "",
            String(repeating: "a", count: 43) + "=", String(repeating: "a", count: 43) + "/",
            String(repeating: "a", count: 43) + " ", String(repeating: "a", count: 43) + "é",
        ])
    func badVerifier(_ text: String) {
        let error = #expect(throws: OAuth2Error.self) { try PKCE.Verifier(parsing: text) }
        #expect(error?.code == .invalidRequest)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var challenge: String? = Sample.challenge
        var method: String? = "S256"
    }

    @Test(
        "§4.4.1: refuses a challenge in any other form", .tags(.security),
        arguments: [
            Refusal(testDescription: "plain", method: "plain"),
            Refusal(testDescription: "no method, which means plain", method: nil),
            Refusal(testDescription: "another case", method: "s256"),
            Refusal(testDescription: "an unknown method", method: "S512"),
            Refusal(testDescription: "a method without challenge", challenge: nil),
            Refusal(testDescription: "a short challenge", challenge: String(Sample.challenge.dropLast())),
            Refusal(testDescription: "a long challenge", challenge: Sample.challenge + "A"),
            Refusal(testDescription: "padding", challenge: String(Sample.challenge.dropLast()) + "="),
            Refusal(testDescription: "the standard alphabet", challenge: "+" + Sample.challenge.dropFirst()),
            Refusal(testDescription: "spare bits", challenge: String(Sample.challenge.dropLast()) + "N"),
        ])
    func badChallenge(_ refusal: Refusal) {
        let error = #expect(throws: OAuth2Error.self) {
            try PKCE.Challenge.parse(refusal.challenge, method: refusal.method)
        }
        #expect(error?.code == .invalidRequest)
    }

    @Test("reads a challenge, and the absence of one")
    func challenge() throws {
        #expect(try PKCE.Challenge.parse(Sample.challenge, method: "S256")?.text == Sample.challenge)
        #expect(try PKCE.Challenge.parse(nil, method: nil) == nil)
    }

    @Test("§4.6: another verifier is refused", .tags(.security))
    func mismatch() throws {
        let other = try PKCE.Verifier(parsing: String(repeating: "a", count: 43))
        let error = #expect(throws: OAuth2Error.self) {
            try PKCE.verify(other, against: PKCE.Challenge(stored: Sample.challenge))
        }
        #expect(error?.code == .invalidGrant)
    }

    @Test("the challenge itself is not its verifier", .tags(.security))
    func challengeAsVerifier() throws {
        let verifier = try PKCE.Verifier(parsing: Sample.challenge)
        #expect(throws: OAuth2Error.self) {
            try PKCE.verify(verifier, against: PKCE.Challenge(stored: Sample.challenge))
        }
    }

    @Test("RFC 9700 §2.1.1: a challenge without verifier is a downgrade", .tags(.security))
    func verifierLeftOut() {
        let error = #expect(throws: OAuth2Error.self) {
            try PKCE.verify(nil, against: PKCE.Challenge(stored: Sample.challenge))
        }
        #expect(error?.code == .invalidGrant)
    }

    @Test("RFC 9700 §4.8.2: a verifier without challenge is a downgrade", .tags(.security))
    func challengeLeftOut() {
        let error = #expect(throws: OAuth2Error.self) {
            try PKCE.verify(PKCE.Verifier(parsing: Sample.verifier), against: nil)
        }
        #expect(error?.code == .invalidGrant)
    }

    @Test("a verifier prints as •••", .tags(.security))
    func conceals() throws {
        let verifier = try PKCE.Verifier(parsing: Sample.verifier)
        var dumped = ""
        dump(verifier, to: &dumped)
        #expect(!"\(verifier) \(String(reflecting: verifier)) \(dumped)".contains("dBjft"))
    }
}
