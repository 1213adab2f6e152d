import FoundationEssentials
import Testing
import Wire

@testable import Gateways

@Suite("Huawei Cloud: API Request Signing Guide")
struct HuaweiRequestSignatureTests {
    /// The guide's example, section by section: canonical request, string to sign, signature, header.
    @Test("signs the published example", .tags(.security))
    func vector() {
        let signature = HuaweiRequestSignature(
            CanonicalRequest(
                method: "GET", path: "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
                query: [.init("marker", "13551d6b-755d-4757-b956-536f674975c0"), .init("limit", "2")],
                headers: [
                    ("X-Sdk-Date", "20191115T033655Z"), ("Host", "service.region.example.com"),
                    ("Content-Type", "application/json"),
                ]))
        #expect(
            signature.request.text == """
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
            AccessKey(id: "QTWAOYTTINDUT2QVKYUC", secret: "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"),
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
    static func settings(
        _ endpoint: String, _ authentication: HuaweiCloudSMSGateway.Authentication = .signature,
        secret: String = "app-secret-1", templates: String = "LOGIN_SMS=1d18a7f4e1b84f6c8fc1546b48b3baea"
    ) throws -> HuaweiCloudSMSGateway.Settings {
        HuaweiCloudSMSGateway.Settings(
            endpoint: endpoint, key: AccessKey(id: "app-key-1", secret: secret), authentication: authentication,
            sender: "8824110605", approved: try approval("测试", templates))
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
            let request = try gateway.request(message, nonce: "n", now: sendingTime)
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
            let request = try gateway.request(message, nonce: String(repeating: "n", count: 32), now: sendingTime)
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

    /// What the vendor does with a request: recomputes everything over what arrived.
    static func judge(_ received: Receiver.Received) -> Receiver.Answer {
        let canonical = Oracle.canonical(
            received, ["content-type", "host", "x-sdk-date"], path: "/sms/batchSendSms/v1/")
        let text = "SDK-HMAC-SHA256\n20231114T221320Z\n" + Oracle.hash(canonical)
        let expected = """
            SDK-HMAC-SHA256 Access=app-key-1, SignedHeaders=content-type;host;x-sdk-date, \
            Signature=\(Oracle.hex(Oracle.code(text, Array("app-secret-1".utf8))))
            """
        let isSigned =
            received.uri == "/sms/batchSendSms/v1" && received.headers["x-sdk-date"] == "20231114T221320Z"
            && received.headers["authorization"] == expected
        return isSigned ? .status(200, [], accepted) : .status(401, [], Vendor.huawei.refused("E000103"))
    }

    /// Sends the sample message to a receiver that answers as told.
    static func send(
        _ message: SMSMessage = message, to answer: Receiver.Answer = .deciding(judge),
        _ authentication: HuaweiCloudSMSGateway.Authentication = .signature, secret: String = "app-secret-1",
        templates: String = "LOGIN_SMS=1d18a7f4e1b84f6c8fc1546b48b3baea"
    ) async throws -> Sending {
        try await sending(message, to: answer) { url, http in
            let settings = try settings(url, authentication, secret: secret, templates: templates)
            return try HuaweiCloudSMSGateway(settings, http: http, now: { sendingTime })
        }
    }

    static let receipt = SMSReceipt(
        gateway: "huawei", reference: "4b4b34e7-1a9e-42ac-b309-d10997148905_85496076")

    @Test("what arrives is what was signed", .tags(.security))
    func arrives() async throws {
        let sent = try await Self.send()
        #expect(sent.result == .success(Self.receipt))
        #expect(sent.received.map(\.method) == ["POST"])
        #expect(sent.received.map(\.body) == [Self.body])
    }

    @Test("a wrong secret is refused", .tags(.security))
    func wrongSecret() async throws {
        #expect(try await Self.send(secret: "app-secret-2").result == .failure(.misconfigured(code: "E000103")))
    }

    @Test("a nonce is used once", .tags(.security))
    func nonces() async throws {
        var seen: Set<String> = []
        for _ in 0..<3 {
            let sent = try await Self.send(to: .status(200, [], Self.accepted), .usernameToken)
            let header = try #require(sent.received.first?.headers["x-wsse"])
            let nonce = try #require(header.firstMatch(of: /Nonce="([0-9A-Za-z]{1,128})"/)).1
            seen.insert(String(nonce))
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
        ])
    func refusals(_ answer: Answer) async throws {
        let sent = try await Self.send(to: .status(answer.status, [], answer.body))
        #expect(sent.result == .failure(answer.error))
    }

    @Test("a purpose without template is not sent, unless there is one for all")
    func templates() async throws {
        var other = message
        other.purpose = "BIND_MOBILE_SMS"
        let strict = try await Self.send(other)
        #expect(strict.result == .failure(.noTemplate(purpose: "BIND_MOBILE_SMS")))
        #expect(strict.received.isEmpty)
        let sent = try await Self.send(other, templates: "LOGIN_SMS=t-1; *=t-2:")
        #expect(sent.result == .success(Self.receipt))
        #expect(
            sent.received.map(\.body) == [
                "from=8824110605&to=%2B8613800001234&templateId=t-2&signature=%E6%B5%8B%E8%AF%95"
            ])
    }

    @Test("fills the template's variables in its order")
    func order() async throws {
        let sent = try await Self.send(templates: "LOGIN_SMS=t-1:minutes,code")
        #expect(sent.received.first?.body.contains("&templateParas=%5B%225%22%2C%22123456%22%5D&") == true)
    }

    @Test(
        "does not start with an endpoint that is more than a host",
        arguments: [
            "", "smsapi.example", "https://", "https://smsapi.example/sms", "https://smsapi.example?a",
            "https://smsapi.example#a", "https://a@smsapi.example",
        ])
    func endpoints(_ endpoint: String) async throws {
        try await using(loopbackClient()) { http in
            #expect(throws: OutboundError.invalidURL) {
                try HuaweiCloudSMSGateway(Self.settings(endpoint), http: http, now: { sendingTime })
            }
        }
    }
}
