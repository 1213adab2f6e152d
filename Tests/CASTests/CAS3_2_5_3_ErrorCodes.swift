import CAS
import Testing

@Suite("CAS 3.0 §2.5.3 and §2.7.3 error codes")
struct ErrorCodeTests {
    @Test("has every code of the specification, spelled as there")
    func codes() {
        #expect(
            CASError.Code.allCases.map(\.rawValue) == [
                "INVALID_REQUEST", "INVALID_TICKET_SPEC", "UNAUTHORIZED_SERVICE", "UNAUTHORIZED_SERVICE_PROXY",
                "INVALID_PROXY_CALLBACK", "INVALID_TICKET", "INVALID_SERVICE", "INTERNAL_ERROR",
            ])
    }

    @Test(
        "no failure repeats the ticket or markup of the request", .tags(.security),
        arguments: ServiceResponse.Format.allCases)
    func silent(_ format: ServiceResponse.Format) throws {
        let hostile = "ST-<x>&amp;\"'\u{1}]]>"
        let query = "service=https%3A%2F%2Fwiki.example%2Fcas&ticket=ST-%3Cx%3E%26amp%3B%22'%01%5D%5D%3E"
        let request = try #require(try validation(query))
        let body = String(decoding: ServiceResponse.failure(request.unknownTicket).body(format), as: UTF8.self)
        #expect(!body.contains(hostile))
        #expect(!body.contains("<x>"))
        #expect(!body.contains("ST-"))
    }
}
