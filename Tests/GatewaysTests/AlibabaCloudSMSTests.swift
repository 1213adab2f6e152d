import FoundationEssentials
import Testing
import Wire

@testable import Gateways

@Suite("Alibaba Cloud: request syntax and signature method V3")
struct AlibabaRequestSignatureTests {
    /// "固定参数示例" at the end of help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature: canonical
    /// request, string to sign, header.
    @Test("signs the published example", .tags(.security))
    func vector() {
        let signature = AlibabaRequestSignature(
            request: CanonicalRequest(
                query: [
                    .init("RegionId", "cn-shanghai"),
                    .init("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
                ],
                headers: [
                    ("host", "ecs.cn-shanghai.aliyuncs.com"), ("x-acs-action", "RunInstances"),
                    ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                    ("x-acs-date", "2023-10-26T10:22:32Z"),
                    ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"), ("x-acs-version", "2014-05-26"),
                ]))
        #expect(
            signature.request.text == """
                POST
                /
                ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai
                host:ecs.cn-shanghai.aliyuncs.com
                x-acs-action:RunInstances
                x-acs-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                x-acs-date:2023-10-26T10:22:32Z
                x-acs-signature-nonce:3156853299f313e23d1673dc12e1703d
                x-acs-version:2014-05-26

                host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version
                e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
                """)
        #expect(
            signature.stringToSign == """
                ACS3-HMAC-SHA256
                7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259
                """)
        #expect(
            signature.authorization(AccessKey(id: "YourAccessKeyId", secret: "YourAccessKeySecret")) == """
                ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;\
                x-acs-date;x-acs-signature-nonce;x-acs-version,\
                Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0
                """)
    }
}

@Suite("Alibaba Cloud Short Message Service: SendSms, 2017-05-25")
struct AlibabaCloudSMSTests {
    /// What the vendor does with a request: recomputes everything over what arrived.
    static func judge(_ received: Receiver.Received) -> Receiver.Answer {
        let names = Oracle.signedNames(received)
        let needed = [
            "host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version",
        ]
        let text = "ACS3-HMAC-SHA256\n" + Oracle.hash(Oracle.canonical(received, names))
        let signature = Oracle.hex(Oracle.code(text, Array("secret-1".utf8)))
        let expected = """
            ACS3-HMAC-SHA256 Credential=key-1,SignedHeaders=\(names.joined(separator: ";")),Signature=\(signature)
            """
        guard names == needed, received.headers["x-acs-content-sha256"] == Oracle.hash(received.body),
            received.headers["authorization"] == expected
        else { return .status(400, [], Vendor.alibaba.refused("SignatureDoesNotMatch")) }
        return .status(200, [], Vendor.alibaba.accepted("9006197469364984^0"))
    }

    /// Sends to a vendor that judges the signature; the parameters that arrived.
    static func arrives(
        _ approved: SMSApproval, of message: SMSMessage = message, abroad: SMSApproval? = nil
    ) async throws -> (Result<SMSReceipt, SMSError>, [FormURLEncoded.Pair]) {
        let sending = try await sending(message, to: .deciding(judge)) { url, http in
            let settings = AlibabaCloudSMSGateway.Settings(
                endpoint: url, key: accessKey, approved: approved, approvedAbroad: abroad)
            return try AlibabaCloudSMSGateway(settings, http: http, now: { sendingTime })
        }
        let query = sending.received.first?.uri.split(separator: "?").last.map { Array($0.utf8) }
        return (sending.result, try FormURLEncoded.parse(query ?? []))
    }

    static let receipt = SMSReceipt(gateway: "alibaba", reference: "9006197469364984^0")

    @Test("sends a signed request with signature, template and parameters by name", .tags(.security))
    func sends() async throws {
        let approved = try approval("测试 & 签名", "LOGIN_SMS=SMS_1:minutes,code")
        let (result, pairs) = try await Self.arrives(approved)
        #expect(result == .success(Self.receipt))
        #expect(
            pairs == [
                .init("PhoneNumbers", "8613800001234"), .init("SignName", "测试 & 签名"),
                .init("TemplateCode", "SMS_1"), .init("TemplateParam", #"{"minutes":"5","code":"123456"}"#),
            ])
    }

    @Test("names action, version, time and nonce in headers")
    func headers() async throws {
        let sent = try await sending(to: .deciding(Self.judge)) { try Vendor.alibaba.gateway($0, $1) }
        let received = try #require(sent.received.first)
        #expect(received.method == "POST")
        #expect(received.body.isEmpty)
        #expect(received.headers["x-acs-action"] == "SendSms")
        #expect(received.headers["x-acs-version"] == "2017-05-25")
        #expect(received.headers["x-acs-date"] == "2023-11-14T22:13:20Z")
        #expect(received.headers["x-acs-signature-nonce"]?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    }

    @Test("leaves out what a template without variables does not need")
    func noVariables() async throws {
        let (result, pairs) = try await Self.arrives(approval(nil, "*=SMS_1:"))
        #expect(result == .success(Self.receipt))
        #expect(pairs == [.init("PhoneNumbers", "8613800001234"), .init("TemplateCode", "SMS_1")])
    }

    @Test("a nonce is used once", .tags(.security))
    func nonces() async throws {
        var seen: Set<String> = []
        for _ in 0..<3 {
            let sent = try await sending(to: .deciding(Self.judge)) { try Vendor.alibaba.gateway($0, $1) }
            seen.insert(sent.received.first?.headers["x-acs-signature-nonce"] ?? "")
        }
        #expect(seen.count == 3)
    }

    @Test("a wrong secret is refused", .tags(.security))
    func wrongSecret() async throws {
        let sent = try await sending(to: .deciding(Self.judge)) {
            try Vendor.alibaba.gateway($0, $1, key: AccessKey(id: "key-1", secret: "secret-2"))
        }
        #expect(sent.result == .failure(.misconfigured(code: "SignatureDoesNotMatch")))
    }

    static func abroad(_ phone: String) -> SMSMessage {
        var message = message
        message.to = phone
        return message
    }

    @Test("phones abroad get the signature and template for abroad", arguments: ["+85251234567", "+13905550123"])
    func international(_ phone: String) async throws {
        let abroad = try approval("Gatehouse", "*=SMS_9:code")
        let (result, pairs) = try await Self.arrives(approval(), of: Self.abroad(phone), abroad: abroad)
        #expect(result == .success(Self.receipt))
        #expect(
            pairs == [
                .init("PhoneNumbers", String(phone.dropFirst())), .init("SignName", "Gatehouse"),
                .init("TemplateCode", "SMS_9"), .init("TemplateParam", #"{"code":"123456"}"#),
            ])
    }

    @Test("without them, the others serve, but not a phone that could be read as one of the mainland", .tags(.security))
    func ambiguous() async throws {
        let (hongKong, pairs) = try await Self.arrives(approval(), of: Self.abroad("+85251234567"))
        #expect(hongKong == .success(Self.receipt))
        #expect(pairs.first == .init("PhoneNumbers", "85251234567"))
        // +1 390 555 0123 has the digits of the mainland's 139 0555 0123.
        let (america, sent) = try await Self.arrives(approval(), of: Self.abroad("+13905550123"))
        #expect(america == .failure(.misconfigured(code: "ambiguous number")))
        #expect(sent.isEmpty)
    }

    @Test("a purpose without template is not sent")
    func noTemplate() async throws {
        var other = message
        other.purpose = "BIND_MOBILE_SMS"
        let (result, pairs) = try await Self.arrives(approval(), of: other)
        #expect(result == .failure(.noTemplate(purpose: "BIND_MOBILE_SMS")))
        #expect(pairs.isEmpty)
    }

    @Test(
        "a person must act on keys, account, signature, template and what is unknown",
        arguments: [
            "SignatureDoesNotMatch", "InvalidAccessKeyId.NotFound", "InvalidTimeStamp.Expired", "NoPermission",
            "isp.RAM_PERMISSION_DENY", "isv.SMS_TEMPLATE_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL",
            "isv.TEMPLATE_MISSING_PARAMETERS", "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "isv.ACCOUNT_ABNORMAL",
            "isv.PRODUCT_UN_SUBSCRIPT", "isv.DOMESTIC_NUMBER_NOT_SUPPORTED", "isv.NEW_IN_2030", "ThrottlingOfAKind",
        ], [200, 400])
    func misconfigured(_ code: String, _ status: Int) async throws {
        let sent = try await sending(to: .status(status, [], Vendor.alibaba.refused(code))) {
            try Vendor.alibaba.gateway($0, $1)
        }
        #expect(sent.result == .failure(.misconfigured(code: code)))
    }

    @Test(
        "the receiver is the reason for these",
        arguments: ["isv.MOBILE_NUMBER_ILLEGAL", "isv.BUSINESS_LIMIT_CONTROL", "isv.BLACK_KEY_CONTROL_LIMIT"])
    func rejected(_ code: String) async throws {
        let sent = try await sending(to: .status(200, [], Vendor.alibaba.refused(code))) {
            try Vendor.alibaba.gateway($0, $1)
        }
        #expect(sent.result == .failure(.rejected(code: code)))
    }

    @Test(
        "these pass by themselves",
        arguments: [
            "isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "Throttling",
            "Throttling.User", "Throttling.Api", "ServiceUnavailable", "InternalError",
        ])
    func unavailable(_ code: String) async throws {
        let sent = try await sending(to: .status(400, [], Vendor.alibaba.refused(code))) {
            try Vendor.alibaba.gateway($0, $1)
        }
        #expect(sent.result == .failure(.unavailable(reason: code)))
    }

    @Test("success with another status than 200 is none")
    func oddSuccess() async throws {
        let sent = try await sending(to: .status(403, [], Vendor.alibaba.accepted("1^0"))) {
            try Vendor.alibaba.gateway($0, $1)
        }
        #expect(sent.result == .failure(.misconfigured(code: "HTTP 403")))
    }
}
