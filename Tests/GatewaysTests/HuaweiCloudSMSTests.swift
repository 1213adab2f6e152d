import FoundationEssentials
import Testing
import Wire

@testable import Gateways

/// 2023-11-14T22:13:20Z
let sendingTime = Date(timeIntervalSince1970: 1_700_000_000)
let message = SMSMessage(
    to: "+8613800001234", purpose: "signIn", text: "您的验证码是 123456", parameters: ["123456", "5"], code: "123456")

@Suite("Huawei Cloud: API Request Signing Guide")
struct HuaweiRequestSignatureTests {
    /// The guide's example, section by section: canonical request, string to sign, signature, header.
    @Test("signs the published example", .tags(.security))
    func vector() {
        let signature = HuaweiRequestSignature(
            method: "GET", path: "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
            query: [.init("marker", "13551d6b-755d-4757-b956-536f674975c0"), .init("limit", "2")],
            headers: [
                ("X-Sdk-Date", "20191115T033655Z"), ("Host", "service.region.example.com"),
                ("Content-Type", "application/json"),
            ])
        #expect(
            signature.canonicalRequest == """
                GET
                /v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs/
                limit=2&marker=13551d6b-755d-4757-b956-536f674975c0
                content-type:application/json
                host:service.region.example.com
                x-sdk-date:20191115T033655Z

                content-type;host;x-sdk-date
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """)
        #expect(
            signature.stringToSign(date: "20191115T033655Z") == """
                SDK-HMAC-SHA256
                20191115T033655Z
                b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a
                """)
        let authorization = signature.authorization(
            accessKey: "QTWAOYTTINDUT2QVKYUC", secretKey: "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc",
            date: "20191115T033655Z")
        #expect(
            authorization == """
                SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-sdk-date, \
                Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe
                """)
    }
}

@Suite("Huawei Cloud Message & SMS: SMS Sending API")
struct HuaweiCloudSMSTests {
    static let template = HuaweiCloudSMSGateway.Template(
        id: "1d18a7f4e1b84f6c8fc1546b48b3baea", sender: "8824110605", signature: "测试")

    static func settings(_ endpoint: String, _ authentication: HuaweiCloudSMSGateway.Authentication = .signature)
        -> HuaweiCloudSMSGateway.Settings
    {
        HuaweiCloudSMSGateway.Settings(
            endpoint: endpoint, applicationKey: "app-key-1", applicationSecret: "app-secret-1",
            authentication: authentication, templates: ["signIn": template])
    }

    static let body = """
        from=8824110605&to=%2B8613800001234&templateId=1d18a7f4e1b84f6c8fc1546b48b3baea&\
        templateParas=%5B%22123456%22%2C%225%22%5D&signature=%E6%B5%8B%E8%AF%95
        """
    /// The vendor's example of an answer ("API Error Codes").
    static let accepted = """
        { "code":"000000", "description":"Success", "result": [{ "originTo":"+8618612345678", \
        "createTime":"2018-08-06T11:59:50Z", "from":"1069031221280000001", \
        "smsMsgId":"4b4b34e7-1a9e-42ac-b309-d10997148905_85496076", "status":"000000" }] }
        """

    /// Host, digests and signature were computed with Python's hashlib from the guide's rules.
    @Test("makes the signed request", .tags(.security))
    func signed() async throws {
        try await using(loopbackClient()) { http in
            let gateway = try HuaweiCloudSMSGateway(
                Self.settings("https://smsapi.cn-north-4.myhuaweicloud.com:443"), http: http, now: { sendingTime })
            let request = gateway.request(message, Self.template, nonce: "n", now: sendingTime)
            #expect(request.method == .post)
            #expect(request.url == "https://smsapi.cn-north-4.myhuaweicloud.com:443/sms/batchSendSms/v1")
            #expect(String(decoding: request.body, as: UTF8.self) == Self.body)
            #expect(
                Dictionary(request.headers.map { ($0.name, $0.value) }) { $1 } == [
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Host": "smsapi.cn-north-4.myhuaweicloud.com:443", "X-Sdk-Date": "20231114T221320Z",
                    "Authorization": """
                    SDK-HMAC-SHA256 Access=app-key-1, SignedHeaders=content-type;host;x-sdk-date, \
                    Signature=f56d68c25d0cd0221131c64960de0444bf64965ba2cc6f92fb8ac354d68f6987
                    """,
                ])
        }
    }

    @Test("makes the request with a password digest", .tags(.security))
    func token() async throws {
        try await using(loopbackClient()) { http in
            let gateway = try HuaweiCloudSMSGateway(
                Self.settings("https://smsapi.example", .usernameToken), http: http, now: { sendingTime })
            let request = gateway.request(
                message, Self.template, nonce: String(repeating: "n", count: 32), now: sendingTime)
            #expect(
                Dictionary(request.headers.map { ($0.name, $0.value) }) { $1 } == [
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Authorization": #"WSSE realm="SDP",profile="UsernameToken",type="Appkey""#,
                    "X-WSSE": """
                    UsernameToken Username="app-key-1",PasswordDigest=\
                    "NTFhZDQwN2NmYjY5Y2YxNTYwZmE5ZTQ0NWM1NDc3YzgxYzllMjE0MGYwYTk5OGVlNGFkOWVlYWNjOWU2ODhhOA==",\
                    Nonce="nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",Created="2023-11-14T22:13:20Z"
                    """,
                ])
        }
    }

    @Test("the password digest has the form of the vendor's example: Base64 of 64 hexadecimal digits")
    func digestForm() throws {
        let published = "NDA1MWIwNjI2ZTkyNWFlM2FhMTE5NDE1YTk5NjU1YWE4NjNlZTY1MmRhYzkxZGViNzczZjdjMjkzZWQ4ZjAwNA=="
        let ours = HuaweiUsernameToken(
            username: "a", password: "app-secret-1", nonce: "ac1c911c4792492687f8f6b2264a491e",
            created: "2018-05-26T00:35:30Z"
        ).passwordDigest
        #expect(ours == "MzkzYmMyODBlYTc5MzFhMmE0OTQ2ZjI3ZDFhZGIxMDBjNjBkZjQ0OGFiM2Y5YzY4YmJjYTEyOGI1N2Q2ZGM2ZQ==")
        for digest in [published, ours] {
            let text = String(decoding: try Base64.decode(digest), as: UTF8.self)
            #expect(text.count == 64 && text.allSatisfy { "0123456789abcdef".contains($0) })
        }
    }

    /// Sends the sample message to a receiver that answers as told; returns what was thrown.
    static func send(
        _ answer: Receiver.Answer, _ authentication: HuaweiCloudSMSGateway.Authentication = .signature,
        timeout: TimeInterval = 120, check: ((Receiver.Received) throws -> Void)? = nil
    ) async throws -> SMSError? {
        try await Receiver.run(answer) { receiver in
            let error = try await using(loopbackClient { $0.requestTimeout = timeout }) { http -> SMSError? in
                let gateway = try HuaweiCloudSMSGateway(
                    settings("http://127.0.0.1:\(receiver.port)", authentication), http: http, now: { sendingTime })
                do {
                    try await gateway.send(message)
                    return nil
                } catch let error as SMSError { return error }
            }
            if let check { try check(#require(receiver.received.first)) }
            return error
        }
    }

    @Test("what arrives is what was signed", .tags(.security))
    func arrives() async throws {
        let error = try await Self.send(.status(200, [], Self.accepted)) { received in
            #expect(received.method == "POST")
            #expect(received.uri == "/sms/batchSendSms/v1")
            #expect(received.body == Self.body)
            let names = ["Host", "X-Sdk-Date", "Content-Type"]
            let signature = HuaweiRequestSignature(
                method: "POST", path: received.uri,
                headers: names.map { ($0, received.headers[$0.lowercased()] ?? "") }, body: Array(received.body.utf8))
            let authorization = signature.authorization(
                accessKey: "app-key-1", secretKey: "app-secret-1", date: "20231114T221320Z")
            #expect(received.headers["authorization"] == authorization)
        }
        #expect(error == nil)
    }

    @Test("a nonce is used once", .tags(.security))
    func nonces() async throws {
        var seen: Set<String> = []
        for _ in 0..<3 {
            _ = try await Self.send(.status(200, [], Self.accepted), .usernameToken) { received in
                let header = try #require(received.headers["x-wsse"])
                let nonce = try #require(header.firstMatch(of: /Nonce="([0-9A-Za-z]{1,128})"/)).1
                seen.insert(String(nonce))
            }
        }
        #expect(seen.count == 3)
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status = 200
        var body: String
        var error: SMSError
    }

    @Test(
        "tells a message that was not accepted",
        arguments: [
            Answer(
                testDescription: "wrong keys", status: 401,
                body: #"{"code":"E000105","description":"Invalid PasswordDigest"}"#,
                error: .misconfigured(code: "E000105")),
            Answer(
                testDescription: "a template that is not active", status: 200,
                body:
                    #"{"code":"E000510","result":[{"originTo":"+8613800001234","status":"E200030"}]}"#,
                error: .misconfigured(code: "E200030")),
            Answer(
                testDescription: "success of the request, refusal of the one receiver",
                body:
                    #"{"code":"000000","result":[{"originTo":"+8613800001234","status":"E000620"}]}"#,
                error: .rejected(code: "E000620")),
            Answer(
                testDescription: "success for one of two",
                body: #"{"code":"000000","result":[{"status":"000000"},{"status":"E000620"}]}"#,
                error: .rejected(code: "E000620")),
            Answer(
                testDescription: "success without a receiver", body: #"{"code":"000000","description":"Success"}"#,
                error: .unavailable(reason: "no result")),
            Answer(
                testDescription: "trouble of the vendor's own", status: 400, body: #"{"code":"E000000"}"#,
                error: .unavailable(reason: "E000000")),
            Answer(
                testDescription: "too many requests", status: 429, body: "", error: .unavailable(reason: "HTTP 429")),
            Answer(
                testDescription: "a failing gateway", status: 502, body: "<html>",
                error: .unavailable(reason: "HTTP 502")),
            Answer(
                testDescription: "a wrong path", status: 404, body: "<html>", error: .misconfigured(code: "HTTP 404")),
            Answer(testDescription: "a redirect", status: 302, body: "", error: .misconfigured(code: "HTTP 302")),
            Answer(testDescription: "no JSON", body: "ok", error: .misconfigured(code: "HTTP 200")),
            Answer(
                testDescription: "a code that is text", body: #"{"code":"sent to +8613800001234\n"}"#,
                error: .unavailable(reason: "unreadable code")),
        ])
    func refusals(_ answer: Answer) async throws {
        #expect(try await Self.send(.status(answer.status, [], answer.body)) == answer.error)
    }

    @Test("a vendor that does not answer is unavailable, after the time allowed")
    func silence() async throws {
        #expect(try await Self.send(.silence, timeout: 0.5) == .unavailable(reason: "timedOut"))
    }

    @Test("a vendor that cannot be verified gets no message", .tags(.security))
    func untrusted() async throws {
        let certificate = try TestCertificate()
        try await Receiver.run(.status(200, [], Self.accepted), tls: certificate.context) { receiver in
            try await using(loopbackClient()) { http in
                let gateway = try HuaweiCloudSMSGateway(
                    Self.settings("https://localhost:\(receiver.port)"), http: http, now: { sendingTime })
                await #expect(throws: SMSError.unavailable(reason: "untrusted")) { try await gateway.send(message) }
            }
            #expect(receiver.received.isEmpty)
        }
    }

    @Test("a purpose without template is not sent, unless there is a default")
    func templates() async throws {
        try await Receiver.run(.status(200, [], Self.accepted)) { receiver in
            try await using(loopbackClient()) { http in
                var other = message
                other.purpose = "bindPhone"
                var settings = Self.settings("http://127.0.0.1:\(receiver.port)")
                let strict = try HuaweiCloudSMSGateway(settings, http: http, now: { sendingTime })
                await #expect(throws: SMSError.noTemplate(purpose: "bindPhone")) { try await strict.send(other) }
                #expect(receiver.received.isEmpty)
                settings.defaultTemplate = .init(id: "t-default", sender: "8824110606")
                other.parameters = []
                try await HuaweiCloudSMSGateway(settings, http: http, now: { sendingTime }).send(other)
                #expect(receiver.received.map(\.body) == ["from=8824110606&to=%2B8613800001234&templateId=t-default"])
            }
        }
    }

    @Test(
        "does not start with an endpoint that is more than a host",
        arguments: ["", "smsapi.example", "https://", "https://smsapi.example/sms", "https://a@smsapi.example"])
    func endpoints(_ endpoint: String) async throws {
        try await using(loopbackClient()) { http in
            #expect(throws: OutboundError.invalidURL) {
                try HuaweiCloudSMSGateway(Self.settings(endpoint), http: http, now: { sendingTime })
            }
        }
    }

    @Test("neither message nor settings print what they hold", .tags(.security))
    func printing() {
        var text = ""
        dump(message, to: &text)
        dump(Self.settings("https://smsapi.example"), to: &text)
        text += "\(message) \(Self.settings("https://smsapi.example"))" + String(reflecting: message)
        for secret in ["13800001234", "123456", "app-secret-1"] { #expect(!text.contains(secret)) }
    }
}
