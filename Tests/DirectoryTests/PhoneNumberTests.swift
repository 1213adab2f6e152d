import Directory
import Testing

@Suite("Phone numbers are E.164, +86 unless they say otherwise")
struct PhoneNumberTests {
    @Test(
        "every way of writing a Chinese mobile number is the same number",
        arguments: [
            "13800001234", "138 0000 1234", "138-0000-1234", "138.0000.1234", "+86 138 0000 1234", "+8613800001234",
            "8613800001234", "008613800001234", "(+86) 138-0000-1234", "１３８００００１２３４", "＋８６　１３８－００００－１２３４",
            "138–0000—1234", "\u{202D}13800001234\u{202C}", " 13800001234\n", "138\u{00A0}0000\u{2009}1234",
            "138\u{2212}0000\u{2212}1234", "\u{FEFF}13800001234",
        ])
    func spellings(_ typed: String) throws {
        #expect(try PhoneNumber(typed).e164 == "+8613800001234")
    }

    @Test("a number of another country keeps its code", arguments: ["+44 20 7946 0958", "00442079460958"])
    func abroad(_ typed: String) throws {
        #expect(try PhoneNumber(typed).e164 == "+442079460958")
    }

    @Test(
        "what is no number that an SMS can reach is refused",
        arguments: [
            "", " ", "+", "00", "1380000123", "138000012345", "12800001234", "+8612800001234", "+86013800001234",
            "2079460958", "075512345678", "+0138000012345", "+123456", "+1234567890123456", "138OOOO1234",
            "13800001234x", "+86+13800001234", "١٣٨٠٠٠٠١٢٣٤", "13800001234,13900001234", "13800001234\u{0}",
            "１３８００００１２３", "tel:13800001234",
        ].map(Shown.init))
    func refused(_ shown: Shown) {
        #expect(throws: DirectoryError.badPhoneNumber) { try PhoneNumber(shown.text) }
    }

    @Test("a text without end is refused unread", .tags(.security))
    func long() {
        #expect(throws: DirectoryError.badPhoneNumber) { try PhoneNumber("138" + String(repeating: " ", count: 200)) }
    }

    @Test(
        "the masked form shows what only the owner recognises",
        arguments: [
            ("+8613800001234", "138****1234"), ("+442079460958", "+44****0958"), ("+12025550123", "+12****0123"),
            ("+6781234", "+6****34"), ("+491234567", "+49****67"),
        ])
    func masked(_ e164: String, _ masked: String) {
        #expect(PhoneNumber(stored: e164).masked == masked)
    }

    @Test("the national form is what is dialled at home")
    func national() {
        #expect(PhoneNumber(stored: "+8613800001234").national == "13800001234")
        #expect(PhoneNumber(stored: "+442079460958").national == "+442079460958")
    }
}
