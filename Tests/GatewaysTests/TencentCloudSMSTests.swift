import FoundationEssentials
import Testing
import Wire

@testable import Gateways

@Suite("Tencent Cloud: Signature v3")
struct TencentRequestSignatureTests {
    static func signature(_ headers: [(name: String, value: String)]) -> TencentRequestSignature {
        let body = #"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#
        let signed =
            [
                (name: "Content-Type", value: "application/json; charset=utf-8"),
                (name: "Host", value: "cvm.tencentcloudapi.com"),
            ] + headers
        return TencentRequestSignature(
            CanonicalRequest(headers: signed, body: Array(body.utf8)), service: "cvm",
            time: Date(timeIntervalSince1970: 1_551_113_065))
    }

    /// "签名方法 v3" (cloud.tencent.com/document/api/213/30654), whose example has asterisks for keys and is computed
    /// with them.
    @Test("signs the published example", .tags(.security))
    func vector() {
        let signature = Self.signature([(name: "X-TC-Action", value: "DescribeInstances")])
        #expect(
            signature.request.text == """
                POST
                /

                content-type:application/json; charset=utf-8
                host:cvm.tencentcloudapi.com
                x-tc-action:describeinstances

                content-type;host;x-tc-action
                35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064
                """)
        #expect(
            signature.stringToSign == """
                TC3-HMAC-SHA256
                1551113065
                2019-02-25/cvm/tc3_request
                7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84
                """)
        let stars = String(repeating: "*", count: 32)
        #expect(
            signature.authorization(AccessKey(id: "AKID" + stars, secret: stars)) == """
                TC3-HMAC-SHA256 Credential=AKID\(stars)/2019-02-25/cvm/tc3_request, \
                SignedHeaders=content-type;host;x-tc-action, \
                Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f
                """)
    }

    /// The document as it was before 2022, and in English, signs two headers.
    @Test("signs the earlier published example", .tags(.security))
    func earlierVector() {
        let key = AccessKey(id: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secret: "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE")
        #expect(
            Self.signature([]).authorization(key) == """
                TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, \
                SignedHeaders=content-type;host, \
                Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168
                """)
    }
}

@Suite("Tencent Cloud SMS: SendSms, 2021-01-11")
struct TencentCloudSMSTests {
    /// What the vendor does with a request: recomputes everything over what arrived.
    static func judge(_ received: Receiver.Received) -> Receiver.Answer {
        var lowered = received
        lowered.headers["x-tc-action"] = received.headers["x-tc-action"]?.lowercased()
        let names = Oracle.signedNames(received)
        let scope = "2023-11-14/sms/tc3_request"
        let hash = Oracle.hash(Oracle.canonical(lowered, names))
        let text = "TC3-HMAC-SHA256\n\(received.headers["x-tc-timestamp"] ?? "")\n\(scope)\n\(hash)"
        let day = Oracle.code("2023-11-14", Array("TC3secret-1".utf8))
        let signature = Oracle.code(text, Oracle.code("tc3_request", Oracle.code("sms", day)))
        let expected = """
            TC3-HMAC-SHA256 Credential=key-1/\(scope), SignedHeaders=content-type;host;x-tc-action, \
            Signature=\(Oracle.hex(signature))
            """
        guard received.headers["authorization"] == expected else {
            return .status(200, [], Vendor.tencent.refused("AuthFailure.SignatureFailure"))
        }
        return .status(200, [], Vendor.tencent.accepted("5000:1045710669157053657849499619"))
    }

    /// Sends to a vendor that judges the signature; the body that arrived.
    static func arrives(
        _ approved: SMSApproval, of message: SMSMessage = message, abroad: SMSApproval? = nil
    ) async throws -> (Result<SMSReceipt, SMSError>, String?) {
        let sending = try await sending(message, to: .deciding(judge)) { url, http in
            let settings = TencentCloudSMSGateway.Settings(
                endpoint: url, region: "ap-guangzhou", key: accessKey, applicationID: "1400006666",
                approved: approved, approvedAbroad: abroad)
            return try TencentCloudSMSGateway(settings, http: http, now: { sendingTime })
        }
        return (sending.result, sending.received.first?.body)
    }

    static let receipt = SMSReceipt(gateway: "tencent", reference: "5000:1045710669157053657849499619")

    @Test("sends a signed request with signature, template and parameters in order", .tags(.security))
    func sends() async throws {
        let (result, body) = try await Self.arrives(approval("测试", "LOGIN_SMS=1110:minutes,code"))
        #expect(result == .success(Self.receipt))
        #expect(
            body == """
                {"PhoneNumberSet":["+8613800001234"],"SmsSdkAppId":"1400006666","TemplateId":"1110",\
                "SignName":"测试","TemplateParamSet":["5","123456"]}
                """)
    }

    @Test("names action, version, region and time in headers")
    func headers() async throws {
        let sent = try await sending(to: .deciding(Self.judge)) { try Vendor.tencent.gateway($0, $1) }
        let received = try #require(sent.received.first)
        #expect(received.method == "POST")
        #expect(received.uri == "/")
        #expect(received.headers["content-type"] == "application/json; charset=utf-8")
        #expect(received.headers["x-tc-action"] == "SendSms")
        #expect(received.headers["x-tc-version"] == "2021-01-11")
        #expect(received.headers["x-tc-region"] == "ap-guangzhou")
        #expect(received.headers["x-tc-timestamp"] == "1700000000")
    }

    @Test("a template without variables has an empty set")
    func noVariables() async throws {
        let (result, body) = try await Self.arrives(approval("测试", "*=1110:"))
        #expect(result == .success(Self.receipt))
        #expect(body?.hasSuffix(#""SignName":"测试","TemplateParamSet":[]}"#) == true)
    }

    @Test("a wrong secret is refused", .tags(.security))
    func wrongSecret() async throws {
        let sent = try await sending(to: .deciding(Self.judge)) {
            try Vendor.tencent.gateway($0, $1, key: AccessKey(id: "key-1", secret: "secret-2"))
        }
        #expect(sent.result == .failure(.misconfigured(code: "AuthFailure.SignatureFailure")))
    }

    @Test("phones abroad get the template for abroad, and a signature only when there is one for abroad")
    func international() async throws {
        var abroad = message
        abroad.to = "+13905550123"
        let (unsigned, first) = try await Self.arrives(approval(), of: abroad, abroad: approval(nil, "*=9:code"))
        #expect(unsigned == .success(Self.receipt))
        #expect(
            first == """
                {"PhoneNumberSet":["+13905550123"],"SmsSdkAppId":"1400006666","TemplateId":"9",\
                "TemplateParamSet":["123456"]}
                """)
        let (_, second) = try await Self.arrives(approval(), of: abroad, abroad: approval("Gatehouse", "*=9:code"))
        #expect(second?.contains(#""SignName":"Gatehouse""#) == true)
        let (_, third) = try await Self.arrives(approval("测试", "*=1110"), of: abroad)
        #expect(third?.contains(#""TemplateId":"1110","SignName":"测试""#) == true)
        let (_, mainland) = try await Self.arrives(
            approval("测试", "*=1110"), of: message, abroad: approval(nil, "*=9:code"))
        #expect(mainland?.contains(#""TemplateId":"1110","SignName":"测试""#) == true)
    }

    @Test("a purpose without template is not sent")
    func noTemplate() async throws {
        var other = message
        other.purpose = "BIND_MOBILE_SMS"
        let (result, body) = try await Self.arrives(approval(), of: other)
        #expect(result == .failure(.noTemplate(purpose: "BIND_MOBILE_SMS")))
        #expect(body == nil)
    }

    /// The vendor's example of a message that was refused ("SendSms", example 2).
    static func receiver(_ code: String) -> String {
        """
        {"Response":{"SendStatusSet":[{"SerialNo":"","PhoneNumber":"+8613800001234","Fee":0,"SessionContext":"",\
        "Code":"\(code)","Message":"sent to +8613800001234","IsoCode":""}],"RequestId":"4e394811"}}
        """
    }

    static func result(_ body: String) async throws -> Result<SMSReceipt, SMSError> {
        try await sending(to: .status(200, [], body)) { try Vendor.tencent.gateway($0, $1) }.result
    }

    @Test(
        "a person must act on keys, account, application, signature, template and what is unknown",
        arguments: [
            "AuthFailure.SignatureFailure", "AuthFailure.SecretIdNotFound", "AuthFailure.SignatureExpire",
            "UnauthorizedOperation.SmsSdkAppIdVerifyFail", "UnauthorizedOperation.ServiceSuspendDueToArrears",
            "FailedOperation.InsufficientBalanceInSmsPackage", "FailedOperation.SignatureIncorrectOrUnapproved",
            "FailedOperation.TemplateIncorrectOrUnapproved", "FailedOperation.TemplateUnapprovedOrNotExist",
            "FailedOperation.TemplateParamSetNotMatchApprovedTemplate", "InvalidParameterValue.SdkAppIdNotExist",
            "InternalError.RequestTimeException", "LimitExceeded.AppCountryOrRegionInBlacklist",
            "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone", "FailedOperation.NewIn2030",
        ])
    func misconfigured(_ code: String) async throws {
        #expect(try await Self.result(Vendor.tencent.refused(code)) == .failure(.misconfigured(code: code)))
        #expect(try await Self.result(Self.receiver(code)) == .failure(.misconfigured(code: code)))
    }

    @Test(
        "the receiver is the reason for these",
        arguments: [
            "FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.IncorrectPhoneNumber",
            "LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.PhoneNumberOneHourLimit",
            "LimitExceeded.PhoneNumberSameContentDailyLimit", "LimitExceeded.PhoneNumberThirtySecondLimit",
        ])
    func rejected(_ code: String) async throws {
        #expect(try await Self.result(Self.receiver(code)) == .failure(.rejected(code: code)))
    }

    @Test(
        "these pass by themselves",
        arguments: [
            "InternalError", "InternalError.Timeout", "InternalError.SendAndRecvFail", "RequestLimitExceeded",
            "LimitExceeded.AppDailyLimit", "LimitExceeded.DeliveryFrequencyLimit", "ServiceUnavailable",
        ])
    func unavailable(_ code: String) async throws {
        #expect(try await Self.result(Vendor.tencent.refused(code)) == .failure(.unavailable(reason: code)))
        #expect(try await Self.result(Self.receiver(code)) == .failure(.unavailable(reason: code)))
    }

    @Test(
        "success without a receiver is none",
        arguments: [
            #"{"Response":{"SendStatusSet":[],"RequestId":"a-1"}}"#, #"{"Response":{"RequestId":"a-1"}}"#,
            #"{"Response":{"SendStatusSet":[{"SerialNo":"5000:1"}]}}"#, #"{"Response":{}}"#,
        ])
    func emptySuccess(_ body: String) async throws {
        #expect(try await Self.result(body) == .failure(.unavailable(reason: "no result")))
    }

    @Test("success for one of two is none")
    func halfSuccess() async throws {
        let body = #"{"Response":{"SendStatusSet":[{"SerialNo":"5000:1","Code":"Ok"},{"Code":"InternalError"}]}}"#
        #expect(try await Self.result(body) == .failure(.unavailable(reason: "InternalError")))
    }
}
