import CAS
import Cryptography
import Directory
import FoundationEssentials
import Wire

/// 2023-11-14T22:13:20Z
let issued = Date(timeIntervalSince1970: 1_700_000_000)
let wiki = ServiceURL(stored: "https://wiki.example/cas")
let ticketText = "ST-1856339-aA5Yuvrxzpv8Tau1cYQ7"

/// A generator that gives the same sequence every time.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64 = 42

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

/// A ticket that validates at `wiki` until 180 s after `issued`.
func ticket(_ change: (inout ServiceTicket) -> Void = { _ in }) -> ServiceTicket {
    var ticket = ServiceTicket(
        tenantID: "t-1", applicationID: "a-wiki", service: wiki, userID: "u-alice", sessionID: "s-1",
        authenticatedAt: issued, isFromNewLogin: true, isFromRememberedSession: false, expiresAt: issued + 180)
    change(&ticket)
    return ticket
}

func parameters(_ query: String) throws -> RequestParameters { try RequestParameters(query: query) }

/// The request that `ValidationRequest.read` makes of a query; nil when it refuses.
func validation(_ query: String) throws -> ValidationRequest? {
    guard case .request(let request) = ValidationRequest.read(try parameters(query)) else { return nil }
    return request
}
