import Testing
import Wire

@Suite("RFC 8949 CBOR, as CTAP 2.1 §8 narrows it")
struct RFC8949_CBOR {
    struct Accepted: Sendable, CustomTestStringConvertible {
        var hexadecimal: String
        var item: CBOR
        var testDescription: String { hexadecimal }
        init(_ hexadecimal: String, _ item: CBOR) { (self.hexadecimal, self.item) = (hexadecimal, item) }
    }

    static let accepted = [
        Accepted("00", .unsigned(0)), Accepted("01", .unsigned(1)), Accepted("0a", .unsigned(10)),
        Accepted("17", .unsigned(23)), Accepted("1818", .unsigned(24)), Accepted("1819", .unsigned(25)),
        Accepted("1864", .unsigned(100)), Accepted("1903e8", .unsigned(1_000)),
        Accepted("1a000f4240", .unsigned(1_000_000)), Accepted("1b000000e8d4a51000", .unsigned(1_000_000_000_000)),
        Accepted("1bffffffffffffffff", .unsigned(.max)), Accepted("3bffffffffffffffff", .negative(.max)),
        Accepted("20", .negative(0)), Accepted("29", .negative(9)), Accepted("3863", .negative(99)),
        Accepted("3903e7", .negative(999)),
        Accepted("f4", .bool(false)), Accepted("f5", .bool(true)), Accepted("f6", .null),
        Accepted("40", .bytes([])), Accepted("4401020304", .bytes([1, 2, 3, 4])),
        Accepted("60", .text("")), Accepted("6161", .text("a")), Accepted("6449455446", .text("IETF")),
        Accepted("62225c", .text("\"\\")), Accepted("62c3bc", .text("\u{fc}")), Accepted("63e6b0b4", .text("\u{6c34}")),
        Accepted("64f0908591", .text("\u{10151}")),
        Accepted("80", .array([])), Accepted("83010203", .array([.unsigned(1), .unsigned(2), .unsigned(3)])),
        Accepted(
            "8301820203820405",
            .array([
                .unsigned(1), .array([.unsigned(2), .unsigned(3)]), .array([.unsigned(4), .unsigned(5)]),
            ])),
        Accepted(
            "98190102030405060708090a0b0c0d0e0f101112131415161718181819", .array((1...25).map { .unsigned($0) })),
        Accepted("a0", .map([])),
        Accepted("a201020304", .map([.init(.unsigned(1), .unsigned(2)), .init(.unsigned(3), .unsigned(4))])),
        Accepted(
            "a26161016162820203",
            .map([
                .init(.text("a"), .unsigned(1)), .init(.text("b"), .array([.unsigned(2), .unsigned(3)])),
            ])),
        Accepted(
            "826161a161626163", .array([.text("a"), .map([.init(.text("b"), .text("c"))])])),
        Accepted(
            "a56161614161626142616361436164614461656145",
            .map(zip("abcde", "ABCDE").map { .init(.text(String($0)), .text(String($1))) })),
    ]

    @Test("appendix A: reads", arguments: accepted)
    func reads(_ accepted: Accepted) throws {
        #expect(try CBOR.parse(bytes(accepted.hexadecimal)) == accepted.item)
    }

    @Test("what follows an item is found where the item ends", arguments: accepted)
    func prefix(_ accepted: Accepted) throws {
        let item = bytes(accepted.hexadecimal)
        let (parsed, end) = try CBOR.parsePrefix(of: ([0xff] + item + [0xff])[1...])
        #expect(parsed == accepted.item)
        #expect(end == 1 + item.count)
        #expect(throws: CBOR.ParseError(.trailingBytes, at: item.count)) { try CBOR.parse(item + [0]) }
    }

    @Test("an item that is cut short is not read", arguments: accepted)
    func short(_ accepted: Accepted) {
        for length in 0..<bytes(accepted.hexadecimal).count {
            #expect(throws: CBOR.ParseError.self) { try CBOR.parse(Array(bytes(accepted.hexadecimal).prefix(length))) }
        }
    }

    @Test(
        "refuses", .tags(.security),
        arguments: [
            // Appendix A: numbers with a fraction, `undefined`, simple values, tags, lengths known at the end only.
            ("f90000", .unsupported, 0), ("fa47c35000", .unsupported, 0), ("fb3ff199999999999a", .unsupported, 0),
            ("f97e00", .unsupported, 0), ("f7", .unsupported, 0), ("f0", .unsupported, 0), ("f8ff", .unsupported, 0),
            ("c249010000000000000000", .unsupported, 0), ("c11a514b67b0", .unsupported, 0),
            ("d74401020304", .unsupported, 0), ("5f42010243030405ff", .indefiniteLength, 0),
            ("7f657374726561646d696e67ff", .indefiniteLength, 0), ("9fff", .indefiniteLength, 0),
            ("bf61610161629f0203ffff", .indefiniteLength, 0), ("ff", .indefiniteLength, 0),
            // Longer than need be.
            ("1817", .notShortest, 0), ("190018", .notShortest, 0), ("1900ff", .notShortest, 0),
            ("1a0000ffff", .notShortest, 0), ("1b00000000ffffffff", .notShortest, 0), ("580100", .notShortest, 0),
            ("1c", .unsupported, 0), ("1d", .unsupported, 0), ("1e", .unsupported, 0), ("3f", .indefiniteLength, 0),
            // Keys twice, keys of no kind, text that is none, lengths that lie.
            ("a201020103", .repeatedKey, 3), ("a2616101616102", .repeatedKey, 4), ("a18001", .unsupported, 1),
            ("a1f501", .unsupported, 1), ("61ff", .invalidUTF8, 0), ("62c3", .unexpectedEnd, 2),
            ("5bffffffffffffffff", .unexpectedEnd, 9), ("9bffffffffffffffff", .unexpectedEnd, 9),
            ("bb7fffffffffffffff", .unexpectedEnd, 9), ("a201", .unexpectedEnd, 2), ("", .unexpectedEnd, 0),
            ("8181818180", .tooDeep, 4), ("a101a101a101a101a0", .tooDeep, 8),
        ] as [(String, CBOR.ParseError.Reason, Int)])
    func refuses(hexadecimal: String, reason: CBOR.ParseError.Reason, offset: Int) {
        #expect(throws: CBOR.ParseError(reason, at: offset)) { try CBOR.parse(bytes(hexadecimal)) }
    }

    @Test("four levels are read", arguments: ["81818180", "a101a101a101a0"])
    func depth(hexadecimal: String) throws {
        _ = try CBOR.parse(bytes(hexadecimal))
    }

    @Test("whatever the bytes, it answers, and nothing is read beyond them", .tags(.security))
    func random() {
        var random = SplitMix(state: 8_949)
        var read = 0
        for _ in 0..<20_000 {
            let input = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            guard let (_, end) = try? CBOR.parsePrefix(of: input[...]) else { continue }
            #expect((1...max(1, input.count)).contains(end))
            read += 1
        }
        #expect(read > 1_000)
    }

    @Test("a map is read by its keys")
    func keys() throws {
        let item = try CBOR.parse(bytes("a3010220406161f6"))
        #expect(item[1] == .unsigned(2) && item[-1] == .bytes([]) && item["a"] == .null)
        #expect(item[2] == nil && item["b"] == nil && CBOR.null[1] == nil)
        #expect(CBOR.unsigned(.max).integer == nil && CBOR.negative(.max).integer == nil)
        #expect(CBOR.negative(UInt64(Int64.max)).integer == .min)
    }
}

@Suite("RFC 4648 §6 Base32, without padding")
struct Base32Tests {
    @Test(
        "§10: writes",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ])
    func writes(text: String, encoded: String) {
        #expect(Base32.encode(Array(text.utf8)) == encoded)
    }
}

private func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// The same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
