import Testing
import Wire

@Suite("RFC 6749 §3.1 Request parameters")
struct RequestParametersTests {
    @Test("reads query and body as one")
    func reads() throws {
        let parameters = try RequestParameters(query: "state=x+y&empty=", body: Array("code=a%2Bb".utf8))
        #expect(try parameters.single("state") == "x y")
        #expect(try parameters.single("code") == "a+b")
        #expect(try parameters.single("absent") == nil)
        #expect(parameters.names == ["state", "empty", "code"])
        #expect(parameters.repeatedName == nil)
    }

    @Test("an empty value counts as absent, but can be asked for")
    func empty() throws {
        let parameters = try RequestParameters(query: "scope=&renew")
        #expect(try parameters.single("scope") == nil)
        #expect(try parameters.value("scope") == "")
        #expect(try parameters.value("absent") == nil)
        #expect(parameters.contains("renew") && !parameters.contains("gateway"))
    }

    @Test(
        "a parameter that occurs twice is refused", .tags(.security),
        arguments: [
            ("a=1&a=1", ""), ("", "a=1&a=2"), ("a=1", "a=1"), ("a=1&%61=", ""), ("a=", "a="),
        ])
    func repeated(query: String, body: String) throws {
        let parameters = try RequestParameters(query: query, body: Array(body.utf8))
        #expect(throws: RequestParametersError.repeated("a")) { try parameters.single("a") }
        #expect(throws: RequestParametersError.repeated("a")) { try parameters.value("a") }
        #expect(parameters.repeatedName == "a")
        #expect(parameters.values("a").count == 2)
        #expect(parameters.names == ["a"])
    }

    @Test("names are compared as bytes, not by canonical equivalence", .tags(.security))
    func bytes() throws {
        let parameters = RequestParameters([.init("\u{E9}", "1"), .init("e\u{301}", "2")])
        #expect(try parameters.single("e\u{301}") == "2")
        #expect(parameters.repeatedName == nil)
        #expect(parameters.names.count == 2)
    }

    @Test("a bad encoding is refused whichever part it is in", .tags(.security))
    func malformed() {
        let error = RequestParametersError.malformed(.encoding(.badEscape))
        #expect(throws: error) { try RequestParameters(query: "a=%") }
        #expect(throws: error) { try RequestParameters(query: nil, body: Array("a=%".utf8)) }
    }

    @Test("prints without its values", .tags(.security))
    func printing() throws {
        let parameters = try RequestParameters(query: "password=hunter2")
        var dumped = ""
        dump(parameters, to: &dumped)
        #expect("\(parameters)\(String(reflecting: parameters))\(dumped)".contains("hunter2") == false)
    }
}

@Suite("Text helpers")
struct TextTests {
    @Test("byte equality tells canonically equivalent texts apart", .tags(.security))
    func byteEquality() {
        #expect("\u{E9}" == "e\u{301}")
        #expect("\u{E9}".isByteEqual(to: "e\u{301}") == false)
        #expect("a".isByteEqual(to: "a") && !"a".isByteEqual(to: "ab") && "".isByteEqual(to: ""))
    }

    @Test(
        "XML 1.0 §2.4: markup and forbidden characters are replaced", .tags(.security),
        arguments: [
            ("plain 中\u{1F600}", "plain 中\u{1F600}"),
            ("<a b=\"c\" d='e'>&", "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;"),
            ("a\u{0}\u{B}\u{FFFE}b", "a\u{FFFD}\u{FFFD}\u{FFFD}b"), ("\t\r\n", "&#9;&#13;&#10;"),
            ("e\u{301}<\u{301}", "e\u{301}&lt;\u{301}"), ("]]>", "]]&gt;"),
        ])
    func xml(text: String, expected: String) {
        #expect(XMLText.escape(text).isByteEqual(to: expected))
    }
}
