package import Cryptography
package import FoundationEssentials
package import Wire

/// The claims of a JSON Web Token whose signature is good (RFC 7519). There is no other way to get one than to verify.
package struct JWT: Equatable, Sendable {
    /// The claims set; always an object.
    package let claims: JSON

    /// Verifies a token with a key, or with the key of a set that its header names.
    /// - Parameter type: The expected `typ`; nil accepts any.
    /// - Throws: what `JWS.verify` throws, and `.malformed` when the payload is not a JSON object.
    package init(_ token: String, verifiedWith key: VerificationKey, type: StaticString? = nil) throws(JOSEError) {
        try self.init(payload: JWS.verify(token, with: key, type: type))
    }

    /// The same with a set.
    package init(_ token: String, verifiedWith keys: JWKSet, type: StaticString? = nil) throws(JOSEError) {
        try self.init(payload: JWS.verify(token, with: keys, type: type))
    }

    private init(payload: [UInt8]) throws(JOSEError) {
        // What a parser found wrong matters to nobody: the token is not a JWT.
        guard let claims = try? JSON.parse(payload, maximumDepth: 16), claims.members != nil else { throw .malformed }
        self.claims = claims
    }

    /// A claim that is text; nil when it is absent or something else.
    package func text(_ claim: String) -> String? { claims[claim]?.string }

    /// `aud` as a list: a single text and an array mean the same (§4.1.3).
    package func audience() throws(JOSEError) -> [String] {
        switch claims["aud"] {
        case nil: return []
        case .string(let single): return [single]
        case .array(let many):
            let texts = many.compactMap(\.string)
            guard texts.count == many.count else { throw .badClaim(.audience) }
            return texts
        default: throw .badClaim(.audience)
        }
    }

    /// A time claim (NumericDate, §2); nil when absent.
    package func date(_ claim: JOSEError.RegisteredClaim) throws(JOSEError) -> Date? {
        guard let value = claims[claim.rawValue] else { return nil }
        guard let seconds = value.double, seconds.isFinite else { throw .badClaim(claim) }
        return Date(timeIntervalSince1970: seconds)
    }
}

extension JWT {
    /// What a token must satisfy beside its signature.
    package struct Expectation: Sendable {
        /// `iss` must be exactly this; nil does not look.
        package var issuer: String?
        /// `aud` must contain this; nil does not look.
        package var audience: String?
        /// Whether a token without `exp` is refused.
        package var requiresExpiration: Bool
        /// How far back `iat` may lie, in seconds; when set, `iat` must be there.
        package var maximumAge: TimeInterval?
        /// How far two clocks may disagree, in seconds.
        package var leeway: TimeInterval

        package init(
            issuer: String? = nil, audience: String? = nil, requiresExpiration: Bool = true,
            maximumAge: TimeInterval? = nil, leeway: TimeInterval = 0
        ) {
            self.issuer = issuer
            self.audience = audience
            self.requiresExpiration = requiresExpiration
            self.maximumAge = maximumAge
            self.leeway = leeway
        }
    }

    /// Checks issuer, audience and times, in that order (RFC 7519 §4.1).
    ///
    /// A token is valid from `nbf` and `iat` on and until the instant before `exp`, each moved by the leeway.
    package func check(_ expectation: Expectation, now: Date) throws(JOSEError) {
        try checkParties(expectation)
        let leeway = expectation.leeway
        if let expiration = try date(.expiration) {
            guard now < expiration + leeway else { throw .expired }
        } else if expectation.requiresExpiration {
            throw .badClaim(.expiration)
        }
        if let notBefore = try date(.notBefore), now + leeway < notBefore { throw .notYetValid }
        let issuedAt = try date(.issuedAt)
        if let issuedAt, now + leeway < issuedAt { throw .notYetValid }
        guard let maximumAge = expectation.maximumAge else { return }
        guard let issuedAt else { throw .badClaim(.issuedAt) }
        guard now <= issuedAt + maximumAge + leeway else { throw .expired }
    }

    private func checkParties(_ expectation: Expectation) throws(JOSEError) {
        if let issuer = expectation.issuer {
            guard let given = text("iss") else { throw .badClaim(.issuer) }
            guard given.isByteEqual(to: issuer) else { throw .wrongIssuer }
        }
        if let audience = expectation.audience {
            guard try self.audience().contains(where: { $0.isByteEqual(to: audience) }) else { throw .wrongAudience }
        }
    }
}
