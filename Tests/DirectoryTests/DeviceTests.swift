import Directory
import Testing

@Suite("The device that a person used")
struct DeviceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var userAgent: String
        var text: String?
        var testDescription: String { text ?? "nothing: \(userAgent.prefix(30))" }
    }

    private static let webKit = "AppleWebKit/537.36 (KHTML, like Gecko)"

    static let cases = [
        Case(
            userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/130.0 Safari/537.36",
            text: "Chrome · Windows"),
        Case(
            userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(webKit) Chrome/130.0 Safari/537.36 Edg/130.0",
            text: "Edge · Windows"),
        Case(
            userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", text: "Firefox · Linux"
        ),
        Case(
            userAgent:
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604",
            text: "Safari · iPhone"),
        Case(
            userAgent: "Mozilla/5.0 (Linux; Android 14) \(webKit) Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0",
            text: "WeChat · Android"),
        Case(userAgent: "Mozilla/5.0 (compatible; Windows NT 6.1)", text: "Windows"),
        Case(userAgent: "curl/8.5.0"), Case(userAgent: ""),
    ]

    @Test("is read from what browsers say", arguments: cases)
    func known(_ sample: Case) {
        #expect(Device(userAgent: sample.userAgent)?.description == sample.text)
    }

    @Test("is made of our own words alone, and costs no more for a long header", .tags(.security))
    func closed() {
        let hostile = "Chrome/<script>Windows Correct-Horse-7 13800000001\u{0}\r\n"
        #expect(Device(userAgent: hostile)?.description == "Chrome · Windows")
        #expect(Device(userAgent: String(repeating: "x", count: 1_024) + hostile) == nil)
    }
}
