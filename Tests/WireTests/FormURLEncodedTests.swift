import Testing
import Wire

@Suite("RFC 3986 §2 Percent-encoding")
struct PercentEncodingTests {
    @Test("keeps the unreserved set and nothing else")
    func encodes() {
        #expect(PercentEncoding.encode("AZaz09-._~") == "AZaz09-._~")
        #expect(PercentEncoding.encode(" +/?&=#%\"é中\n") == "%20%2B%2F%3F%26%3D%23%25%22%C3%A9%E4%B8%AD%0A")
    }

    @Test("reads either case of digits and leaves plus alone")
    func decodes() throws {
        #expect(try PercentEncoding.decode("a%2fb%2F+%E4%b8%AD") == "a/b/+中")
    }

    @Test(
        "every scalar survives the round trip",
        arguments: ["\u{1}", "\u{7F}", "é", "e\u{301}", "\u{FFFD}", "\u{10FFFF}"])
    func roundTrip(text: String) throws {
        #expect(try PercentEncoding.decode(PercentEncoding.encode(text)).isByteEqual(to: text))
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            ("%", PercentEncodingError.badEscape), ("%4", .badEscape), ("a%", .badEscape), ("%G1", .badEscape),
            ("%1G", .badEscape), ("%%41", .badEscape), ("% 41", .badEscape), ("%u0041", .badEscape),
            ("%00", .containsNUL),
            ("a\u{0}", .containsNUL), ("%FF", .invalidUTF8), ("%C0%AF", .invalidUTF8), ("%ED%A0%80", .invalidUTF8),
            ("%E4%B8", .invalidUTF8), ("%F4%90%80%80", .invalidUTF8),
        ])
    func refuses(text: String, error: PercentEncodingError) {
        #expect(throws: error) { try PercentEncoding.decode(text) }
    }
}

@Suite("application/x-www-form-urlencoded")
struct FormURLEncodedTests {
    typealias Pair = FormURLEncoded.Pair

    @Test("RFC 6749 appendix B: decodes its example")
    func appendixB() throws {
        let pairs = try FormURLEncoded.parse(Array("v=+%25%26%2B%C2%A3%E2%82%AC".utf8))
        #expect(pairs == [Pair("v", " %&+£€")])
    }

    @Test(
        "keeps order, repetition, empty values and further equals signs",
        arguments: [
            ("", []), ("&&", []), ("a", [Pair("a", "")]), ("a=", [Pair("a", "")]), ("=b", [Pair("", "b")]),
            ("a=b=c&a=&%61=+", [Pair("a", "b=c"), Pair("a", ""), Pair("a", " ")]), ("a;b=c", [Pair("a;b", "c")]),
            ("n%3D=%26", [Pair("n=", "&")]),
        ])
    func parses(text: String, pairs: [Pair]) throws {
        #expect(try FormURLEncoded.parse(Array(text.utf8)) == pairs)
    }

    @Test(
        "refuses bad encodings in names and values", .tags(.security),
        arguments: [
            ("a=%", PercentEncodingError.badEscape), ("%=a", .badEscape), ("a=1&b=%zz", .badEscape),
            ("a=%00", .containsNUL),
            ("a%00=1", .containsNUL), ("a=%FF", .invalidUTF8),
        ])
    func refuses(text: String, error: PercentEncodingError) {
        #expect(throws: FormError.encoding(error)) { try FormURLEncoded.parse(Array(text.utf8)) }
    }

    @Test("refuses one pair too many", .tags(.security))
    func bound() throws {
        #expect(try FormURLEncoded.parse(Array("a&b&c".utf8), maximumPairs: 3).count == 3)
        #expect(throws: FormError.tooManyPairs) { try FormURLEncoded.parse(Array("a&b&c&d".utf8), maximumPairs: 3) }
    }

    @Test("what is encoded parses to the same pairs")
    func roundTrip() throws {
        let pairs = [Pair("a b", "c+d&e=f%"), Pair("中", ""), Pair("", "\n")]
        #expect(FormURLEncoded.encode(pairs) == "a%20b=c%2Bd%26e%3Df%25&%E4%B8%AD=&=%0A")
        #expect(try FormURLEncoded.parse(Array(FormURLEncoded.encode(pairs).utf8)) == pairs)
    }

    @Test(
        "adds to a query without touching the rest of the URI", .tags(.security),
        arguments: [
            ("https://c.example", "https://c.example?code=a%20b"),
            ("https://c.example/cb?", "https://c.example/cb?code=a%20b"),
            ("https://c.example/cb?x=%2f", "https://c.example/cb?x=%2f&code=a%20b"),
            ("https://c.example/cb?x&", "https://c.example/cb?x&code=a%20b"),
            ("https://c.example/cb#f?x", "https://c.example/cb?code=a%20b#f?x"),
            ("com.example:/cb?x=1#f", "com.example:/cb?x=1&code=a%20b#f"),
        ])
    func adds(uri: String, expected: String) {
        #expect(FormURLEncoded.adding([Pair("code", "a b")], toQueryOf: uri) == expected)
        #expect(FormURLEncoded.adding([], toQueryOf: uri) == uri)
    }
}
