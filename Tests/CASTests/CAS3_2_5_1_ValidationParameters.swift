import CAS
import Cryptography
import Testing
import Wire

@Suite("CAS 3.0 §2.5.1 /serviceValidate: parameters")
struct ValidationParametersTests {
    static let accepted = "service=https%3A%2F%2Fwiki.example%2Fcas&ticket=ST-1856339-aA5Yuvrxzpv8Tau1cYQ7"

    @Test("reads service and ticket, and keeps the ticket as a hash only", .tags(.security))
    func reads() throws {
        let request = try #require(try validation(Self.accepted))
        #expect(request.service == "https://wiki.example/cas")
        #expect(request.ticketHash == OpaqueToken.hash(of: ticketText))
        #expect(!request.requiresNewLogin)
        #expect(request.proxyCallback == nil)
        #expect(request.format == .xml)
        #expect(!"\(request)".contains(ticketText))
    }

    @Test(
        "renew is set by being there",
        arguments: [
            ("", false), ("&renew=true", true), ("&renew=", true), ("&renew", true), ("&renew=1", true),
            ("&renew=false", false), ("&Renew=true", false),
        ])
    func renew(_ addition: String, _ expected: Bool) throws {
        #expect(try validation(Self.accepted + addition)?.requiresNewLogin == expected)
    }

    @Test(
        "reads format in either case",
        arguments: [
            ("", ServiceResponse.Format.xml), ("&format=", .xml), ("&format=XML", .xml), ("&format=xml", .xml),
            ("&format=JSON", .json), ("&format=json", .json),
        ])
    func format(_ addition: String, _ expected: ServiceResponse.Format) throws {
        #expect(try validation(Self.accepted + addition)?.format == expected)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var query: String
        var text: String
        var format = ServiceResponse.Format.xml
    }

    static let bothRequired = "'service' and 'ticket' parameters are both required"
    static let repeated = "a parameter was given more than once"

    @Test(
        "answers INVALID_REQUEST in the format asked for", .tags(.security),
        arguments: [
            Refusal(testDescription: "nothing", query: "", text: bothRequired),
            Refusal(testDescription: "no ticket", query: "service=a", text: bothRequired),
            Refusal(testDescription: "an empty ticket", query: "service=a&ticket=", text: bothRequired),
            Refusal(testDescription: "no service", query: "ticket=ST-1", text: bothRequired),
            Refusal(
                testDescription: "no service, JSON", query: "ticket=ST-1&format=JSON", text: bothRequired, format: .json
            ),
            Refusal(testDescription: "names in capitals", query: "SERVICE=a&TICKET=ST-1", text: bothRequired),
            Refusal(testDescription: "two services", query: accepted + "&service=x", text: repeated),
            Refusal(testDescription: "two tickets", query: accepted + "&ticket=ST-2", text: repeated),
            Refusal(testDescription: "renew twice", query: accepted + "&renew&renew", text: repeated),
            Refusal(testDescription: "pgtUrl twice", query: accepted + "&pgtUrl=a&pgtUrl=b", text: repeated),
            Refusal(testDescription: "format twice", query: accepted + "&format=JSON&format=JSON", text: repeated),
            Refusal(
                testDescription: "another format", query: accepted + "&format=YAML",
                text: "'format' must be XML or JSON"),
        ])
    func refuses(_ refusal: Refusal) throws {
        guard case .refused(let error, let format) = ValidationRequest.read(try parameters(refusal.query)) else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == .invalidRequest)
        #expect(error.text == refusal.text)
        #expect(format == refusal.format)
    }

    @Test("a ticket nobody knows is INVALID_TICKET")
    func unknown() throws {
        #expect(try validation(Self.accepted)?.unknownTicket.code == .invalidTicket)
    }

    @Test("a proxy ticket is told apart (§2.5)")
    func proxyTicket() throws {
        let request = try #require(try validation("service=a&ticket=PT-1856376-1HMgO86Z2ZKeByc5XdYD"))
        #expect(request.unknownTicket.code == .invalidTicketSpec)
        #expect(request.unknownTicket.text.contains("proxy ticket"))
    }
}
