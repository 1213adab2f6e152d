import CAS
import Directory
import Foundation
import FoundationXML
import Testing
import Wire

@Suite("CAS 3.0 §2.5.2, §2.5.7, §2.8 and Appendix A: the service response")
struct ServiceResponseTests {
    @Test("/serviceValidate: the user (example of §2.5.2)")
    func cas2() {
        let response = ServiceResponse.success(
            ticket(), user: "username", released: [.init("email", .text("a@b.example"))], version: .cas2)
        #expect(
            response.xml == """
                <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
                 <cas:authenticationSuccess>
                  <cas:user>username</cas:user>
                 </cas:authenticationSuccess>
                </cas:serviceResponse>

                """)
        #expect(
            String(decoding: response.json, as: UTF8.self)
                == #"{"serviceResponse":{"authenticationSuccess":{"user":"username"}}}"#)
    }

    static let released: [AttributeRelease.Value] = [
        .init("firstname", .text("John")), .init("lastname", .text("Doe")), .init("title", .text("Mr.")),
        .init("email", .text("jdoe@example.org")), .init("affiliation", .list(["staff", "faculty"])),
        .init("memberOf", .list(["one"])), .init("none", .list([])),
    ]

    @Test("/p3/serviceValidate: attributes in the order of the schema, several values as several elements (§2.5.7)")
    func cas3XML() {
        let response = ServiceResponse.success(ticket(), user: "username", released: Self.released, version: .cas3)
        #expect(
            response.xml == """
                <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
                 <cas:authenticationSuccess>
                  <cas:user>username</cas:user>
                  <cas:attributes>
                   <cas:authenticationDate>2023-11-14T22:13:20.000Z</cas:authenticationDate>
                   <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
                   <cas:isFromNewLogin>true</cas:isFromNewLogin>
                   <cas:firstname>John</cas:firstname>
                   <cas:lastname>Doe</cas:lastname>
                   <cas:title>Mr.</cas:title>
                   <cas:email>jdoe@example.org</cas:email>
                   <cas:affiliation>staff</cas:affiliation>
                   <cas:affiliation>faculty</cas:affiliation>
                   <cas:memberOf>one</cas:memberOf>
                  </cas:attributes>
                 </cas:authenticationSuccess>
                </cas:serviceResponse>

                """)
    }

    @Test("/p3/serviceValidate in JSON: one value is a text, a list stays a list")
    func cas3JSON() {
        let response = ServiceResponse.success(ticket(), user: "username", released: Self.released, version: .cas3)
        let expected = """
            {"serviceResponse":{"authenticationSuccess":{"user":"username","attributes":{\
            "authenticationDate":"2023-11-14T22:13:20.000Z","longTermAuthenticationRequestTokenUsed":false,\
            "isFromNewLogin":true,"firstname":"John","lastname":"Doe","title":"Mr.","email":"jdoe@example.org",\
            "affiliation":["staff","faculty"],"memberOf":["one"],"none":[]}}}}
            """
        #expect(String(decoding: response.json, as: UTF8.self) == expected)
    }

    @Test(
        "authenticationDate is an xs:dateTime in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"), (1_581_413_294, "2020-02-11T09:28:14.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"), (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.000Z"),
        ] as [(TimeInterval, String)])
    func authenticationDate(_ seconds: TimeInterval, _ expected: String) {
        let old = ticket { $0.authenticatedAt = Date(timeIntervalSince1970: seconds) }
        let xml = ServiceResponse.success(old, user: "u", released: [], version: .cas3).xml
        #expect(xml.contains("<cas:authenticationDate>\(expected)</cas:authenticationDate>"))
    }

    @Test("says what the ticket says about the login (§4.1.3)")
    func remembered() {
        let old = ticket {
            $0.isFromNewLogin = false
            $0.isFromRememberedSession = true
        }
        let xml = ServiceResponse.success(old, user: "u", released: [], version: .cas3).xml
        #expect(xml.contains("<cas:longTermAuthenticationRequestTokenUsed>true</"))
        #expect(xml.contains("<cas:isFromNewLogin>false</"))
    }

    @Test("/serviceValidate too tells a remembered session, and only that (§4.1.3)")
    func rememberedCAS2() {
        let old = ticket { $0.isFromRememberedSession = true }
        let cas2 = ServiceResponse.success(old, user: "u", released: Self.released, version: .cas2)
        #expect(cas2 == ServiceResponse.success(old, user: "u", released: [], version: .cas3))
    }

    @Test("a released attribute cannot speak in place of the protocol or break the document", .tags(.security))
    func names() {
        let hostile: [AttributeRelease.Value] = [
            .init("isFromNewLogin", .text("true")), .init("authenticationDate", .text("1970-01-01T00:00:00Z")),
            .init("a><b", .text("x")), .init("", .text("x")), .init("1a", .text("x")), .init("cas:a", .text("x")),
        ]
        let response = ServiceResponse.success(ticket(), user: "u", released: hostile, version: .cas3)
        #expect(response == ServiceResponse.success(ticket(), user: "u", released: [], version: .cas3))
    }

    @Test("failure (example of §2.5.2, without the ticket)")
    func failure() {
        let response = ServiceResponse.failure(CASError(.invalidTicket, "ticket not recognized"))
        #expect(
            response.xml == """
                <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
                 <cas:authenticationFailure code="INVALID_TICKET">ticket not recognized</cas:authenticationFailure>
                </cas:serviceResponse>

                """)
        let expected = """
            {"serviceResponse":{"authenticationFailure":\
            {"code":"INVALID_TICKET","description":"ticket not recognized"}}}
            """
        #expect(String(decoding: response.json, as: UTF8.self) == expected)
    }

    @Test("the body is the text in UTF-8")
    func body() {
        let response = ServiceResponse.success(ticket(), user: "张三", released: [], version: .cas2)
        #expect(response.body(.xml) == Array(response.xml.utf8))
        #expect(response.body(.json) == response.json)
    }

    static let hostileTexts = [
        "<cas:user>admin</cas:user>", "a&b", "]]>", "<!--", "\"'", "&lt;", "张三", "👩‍👩‍👧", "\u{0}\u{1}\u{8}\u{B}\u{1F}",
        "\u{FFFE}\u{FFFF}",
        "a\tb\nc\rd", " two  spaces ", "</cas:authenticationSuccess></cas:serviceResponse>", "\u{202E}txt",
        "\u{7F}\u{85}",
    ]

    @Test("whatever a value holds, it is one value of a readable document", .tags(.security), arguments: hostileTexts)
    func escaping(_ text: String) throws {
        let response = ServiceResponse.success(
            ticket(), user: text, released: [.init("memberOf", .list([text, text]))], version: .cas3)
        let reader = ElementReader(response.body(.xml))
        #expect(reader.isWellFormed)
        let readable = String(String.UnicodeScalarView(text.unicodeScalars.map { Self.isLegal($0) ? $0 : "\u{FFFD}" }))
        #expect(reader.texts["user"] == [readable])
        #expect(reader.texts["memberOf"] == [readable, readable])
        #expect(reader.namespaces == ["http://www.yale.edu/tp/cas"])

        let json = try JSON.parse(response.json, maximumDepth: 8)
        let success = json["serviceResponse"]?["authenticationSuccess"]
        #expect(success?["user"] == .string(text))
        #expect(success?["attributes"]?["memberOf"] == .array([.string(text), .string(text)]))
    }

    /// XML 1.0 §2.2, Char.
    static func isLegal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    @Test("random texts never break the document", .tags(.security))
    func fuzz() {
        var random = SeededRandom()
        for _ in 0..<300 {
            let scalars = (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x11_0000, using: &random)) }
            let controls = (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x7F, using: &random)) }
            let text = String(String.UnicodeScalarView(scalars + controls))
            let response = ServiceResponse.success(
                ticket(), user: text, released: [.init("name", .text(text))], version: .cas3)
            #expect(ElementReader(response.body(.xml)).isWellFormed)
        }
    }
}

/// Reads a document with the platform's parser: the texts by local name.
private final class ElementReader: NSObject, XMLParserDelegate {
    private(set) var texts: [String: [String]] = [:]
    private(set) var namespaces: Set<String> = []
    private(set) var isWellFormed = false
    private var text = ""

    init(_ document: [UInt8]) {
        super.init()
        let parser = XMLParser(data: Data(document))
        parser.shouldProcessNamespaces = true
        parser.delegate = self
        isWellFormed = parser.parse()
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        text = ""
        namespaces.insert(namespaceURI ?? "")
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        texts[name, default: []].append(text)
        text = ""
    }
}
