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
        "numbers as they are written at home, with the country's code",
        arguments: [
            ("+852 5123 4567", "+85251234567"), ("+853 6612 3456", "+85366123456"),
            ("+886 912-345-678", "+886912345678"), ("+81 90-1234-5678", "+819012345678"),
            ("+82 10-1234-5678", "+821012345678"), ("+65 8123 4567", "+6581234567"),
            ("+60 12-345 6789", "+60123456789"), ("+66 81 234 5678", "+66812345678"),
            ("+84 912 345 678", "+84912345678"), ("+62 812-3456-7890", "+6281234567890"),
            ("+91 98765 43210", "+919876543210"), ("+7 912 345-67-89", "+79123456789"),
            ("+971 50 123 4567", "+971501234567"), ("+49 (0)151 23456789", "+4915123456789"),
            ("+44 (0) 7911 123456", "+447911123456"), ("0044 (0)7911 123456", "+447911123456"),
            ("(+44) (0)7911 123456", "+447911123456"), ("＋44（0）7911 123456", "+447911123456"),
            ("+86 (0) 138 0000 1234", "+8613800001234"), ("+33 6 12 34 56 78", "+33612345678"),
            ("+39 347 123 4567", "+393471234567"), ("+34 612 34 56 78", "+34612345678"),
            ("+1 (202) 555-0123", "+12025550123"), ("+55 11 91234-5678", "+5511912345678"),
            ("+61 412 345 678", "+61412345678"), ("+27 82 123 4567", "+27821234567"), ("+678 12345", "+67812345"),
        ])
    func countries(_ typed: String, _ e164: String) throws {
        #expect(try PhoneNumber(typed).e164 == e164)
    }

    @Test(
        "without its code a number of another country is refused and never taken for a Chinese one",
        .tags(.security),
        arguments: [
            "5123 4567", "0912-345-678", "090-1234-5678", "010-1234-5678", "8123 4567", "98765 43210", "07911 123456",
            "(0)7911 123456", "0151 23456789", "06 12 34 56 78", "(202) 555-0123", "0412 345 678", "(0)138 0000 1234",
            "+86 (00)138 0000 1234", "+86 (0)(0)138 0000 1234", "+(0)138 0000 1234",
        ])
    func refusedAbroad(_ typed: String) {
        #expect(throws: DirectoryError.badPhoneNumber) { try PhoneNumber(typed) }
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
