import Testing
import Wire

@Suite("RFC 8259 JSON")
struct JSONTests {
    struct Accepted: Sendable, CustomTestStringConvertible {
        var text: String
        var value: JSON
        var testDescription: String { text }
        init(_ text: String, _ value: JSON) { (self.text, self.value) = (text, value) }
    }

    @Test(
        "§2-§7: reads",
        arguments: [
            Accepted("null", .null), Accepted("true", true), Accepted(" false\r\n\t", false), Accepted("[]", []),
            Accepted("{}", [:]), Accepted("[ ]", []), Accepted("{ }", [:]), Accepted("[1 , 2]", [1, 2]),
            Accepted(#"{"a":{"b":[null]}}"#, ["a": ["b": [.null]]]), Accepted(#"{"":0}"#, ["": 0]),
            Accepted("0", 0), Accepted("-0", 0), Accepted("-12", -12), Accepted("9223372036854775807", .integer(.max)),
            Accepted("-9223372036854775808", .integer(.min)),
            Accepted("9223372036854775808", .number(9223372036854775808)),
            Accepted("1.5", .number(1.5)), Accepted("1e2", .number(100)), Accepted("1E+2", .number(100)),
            Accepted("-1.25e-2", .number(-0.0125)), Accepted("1.0", .number(1)),
            Accepted(#""""#, ""), Accepted(#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            Accepted(#""a\u0062c\u00e9""#, "abc\u{E9}"), Accepted(#""\uD834\uDD1e""#, "\u{1D11E}"),
            Accepted(#""\u0000""#, "\u{0}"), Accepted("\"中文\u{1F600}\u{7F}\"", "中文\u{1F600}\u{7F}"),
            Accepted(#"{"é":1,"e\u0301":2}"#, .object([.init("\u{E9}", 1), .init("e\u{301}", 2)])),
        ])
    func reads(_ accepted: Accepted) throws {
        #expect(try JSON.parse(Array(accepted.text.utf8), maximumDepth: 4) == accepted.value)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var bytes: [UInt8]
        var error: JSON.ParseError
        var testDescription: String { String(decoding: bytes, as: UTF8.self) }
        init(_ text: String, _ reason: JSON.ParseError.Reason, _ offset: Int) {
            self.init(bytes: Array(text.utf8), reason, offset)
        }
        init(bytes: [UInt8], _ reason: JSON.ParseError.Reason, _ offset: Int) {
            (self.bytes, error) = (bytes, JSON.ParseError(reason, at: offset))
        }
    }

    @Test(
        "refuses what is not JSON and says where", .tags(.security),
        arguments: [
            Refused("", .unexpectedEnd, 0), Refused(" ", .unexpectedEnd, 1), Refused("[1,", .unexpectedEnd, 3),
            Refused("[1", .unexpectedEnd, 2), Refused("{\"a\"", .unexpectedEnd, 4), Refused("\"a", .unexpectedEnd, 2),
            Refused("nul", .unexpectedEnd, 3), Refused("-", .unexpectedEnd, 1), Refused("1.", .unexpectedEnd, 2),
            Refused("1e", .unexpectedEnd, 2), Refused("[1,]", .unexpectedByte, 3),
            Refused("{\"a\":1,}", .unexpectedByte, 7),
            Refused("[,1]", .unexpectedByte, 1), Refused("{a:1}", .unexpectedByte, 1),
            Refused("{1:1}", .unexpectedByte, 1),
            Refused("'a'", .unexpectedByte, 0), Refused("True", .unexpectedByte, 0), Refused("NaN", .unexpectedByte, 0),
            Refused("-Infinity", .unexpectedByte, 1), Refused("+1", .unexpectedByte, 0),
            Refused(".5", .unexpectedByte, 0),
            Refused("1.e2", .unexpectedByte, 2), Refused("[1}", .unexpectedByte, 2),
            Refused("\u{FEFF}1", .unexpectedByte, 0),
            Refused("01", .badNumber, 2), Refused("-012", .badNumber, 4), Refused("1e400", .badNumber, 0),
            Refused("0x1", .trailingBytes, 1), Refused("1 2", .trailingBytes, 2), Refused("{}}", .trailingBytes, 2),
            Refused("null\u{0}", .trailingBytes, 4), Refused("/**/1", .unexpectedByte, 0),
            Refused("\"\n\"", .controlCharacter, 1), Refused("\"\u{0}\"", .controlCharacter, 1),
            Refused(#""\a""#, .badEscape, 2), Refused(#""\u12G4""#, .badEscape, 5),
            Refused(#""\u12"#, .unexpectedEnd, 5),
            Refused(#""\uD800""#, .loneSurrogate, 7), Refused(#""\uDC00""#, .loneSurrogate, 7),
            Refused(#""\uD800\n""#, .loneSurrogate, 7), Refused(#""\uD800\uD800""#, .loneSurrogate, 13),
            Refused(#"{"a":1,"a":1}"#, .repeatedKey, 7), Refused(#"{"a":1,"\u0061":2}"#, .repeatedKey, 7),
            Refused("[[[[[1]]]]]", .tooDeep, 4), Refused("{\"a\":[[[[1]]]]}", .tooDeep, 8),
            Refused(bytes: [0x22, 0xFF, 0x22], .invalidUTF8, 1),
            Refused(bytes: [0x22, 0xC0, 0xAF, 0x22], .invalidUTF8, 1),
            Refused(bytes: [0x22, 0xED, 0xA0, 0x80, 0x22], .invalidUTF8, 1),
            Refused(bytes: [0x22, 0xE4, 0xB8, 0x22], .invalidUTF8, 1),
        ])
    func refuses(_ refused: Refused) {
        #expect(throws: refused.error) { try JSON.parse(refused.bytes, maximumDepth: 4) }
    }

    @Test("§4: a repeated key is found among many members", .tags(.security), arguments: [2, 8, 15, 16, 17, 18, 500])
    func repeatedKey(count: Int) throws {
        let members = (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSON.parse(Array("{\(members)}".utf8)).members?.count == count)
        for key in ["k0", "k\(count - 1)"] {
            let error = #expect(throws: JSON.ParseError.self) {
                try JSON.parse(Array("{\(members),\"\(key)\":0}".utf8))
            }
            #expect(error?.reason == .repeatedKey)
        }
    }

    @Test("a hundred thousand brackets are refused without a crash", .tags(.security))
    func deep() {
        let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: JSON.ParseError(.tooDeep, at: 32)) { try JSON.parse(bytes) }
    }

    @Test("gives its values by kind and by key")
    func accessors() throws {
        let value = try JSON.parse(Array(#"{"s":"x","i":7,"d":1.5,"b":true,"a":[1],"o":{"k":null}}"#.utf8))
        #expect(value["s"]?.string == "x" && value["i"]?.integer == 7 && value["i"]?.double == 7)
        #expect(value["d"]?.double == 1.5 && value["b"]?.bool == true && value["a"]?.array == [1])
        #expect(value["o"]?["k"] == .null && value["absent"] == nil && value["s"]?.integer == nil)
        #expect(value.members?.map(\.key) == ["s", "i", "d", "b", "a", "o"])
    }

    @Test(
        "what is written reads back the same",
        arguments: [
            JSON.null, true, 0, .integer(.min), .integer(.max), .number(0.1), .number(1e300),
            .number(-.leastNonzeroMagnitude), "",
            "a\"\\/\u{0}\u{1F}\u{7F}\u{2028}中\u{1F600}\n\r\t", [], [:], [1, [2, [:]], ["k": ["x", .null]]],
        ])
    func roundTrip(_ value: JSON) throws {
        #expect(try JSON.parse(value.bytes) == value)
    }

    @Test("§7: escapes quotes, backslashes and controls, nothing else")
    func escapes() {
        let value: JSON = "\"\\\u{0}\u{8}\u{1B}\n\r\t/é\u{2028}"
        #expect(value.text == #""\"\\\u0000\u0008\u001B\n\r\t/é"# + "\u{2028}\"")
        #expect(JSON.number(.nan).text == "null")
    }
}

@Suite("JSONWriter")
struct JSONWriterTests {
    @Test("writes members in order with commas where they belong")
    func token() {
        var json = JSONWriter(reserving: 64)
        json.beginObject()
        json.member("token_type", "Bearer")
        json.member("expires_in", 7200)
        json.member("scope", ifPresent: nil)
        json.member("active", false)
        json.member("amr", ["pwd", "sms"])
        json.member("extra", json: ["a": [], "b": .null])
        json.key("nested")
        json.beginObject()
        json.endObject()
        json.key("list")
        json.beginArray()
        json.value(-1)
        json.value(Int64.min)
        json.beginArray()
        json.endArray()
        json.raw("[0]".utf8)
        json.endArray()
        json.member(named: "na\"me", "x")
        json.endObject()
        let text = String(decoding: json.bytes, as: UTF8.self)
        #expect(
            text == #"{"token_type":"Bearer","expires_in":7200,"active":false,"amr":["pwd","sms"],"#
                + #""extra":{"a":[],"b":null},"nested":{},"list":[-1,-9223372036854775808,[],[0]],"na\"me":"x"}"#)
    }
}
