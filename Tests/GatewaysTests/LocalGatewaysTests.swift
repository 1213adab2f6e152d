import Foundation
import Testing
import Wire

@testable import Gateways

/// A folder that goes away with the test.
@discardableResult
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gateways-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

@Suite("The file gateway")
struct FileSMSGatewayTests {
    @Test("writes one line of JSON a message")
    func lines() async throws {
        try await withFolder { folder in
            let path = folder + "/sms.jsonl"
            let gateway = FileSMSGateway(path: path, now: { sendingTime })
            #expect(try await gateway.send(message) == SMSReceipt(gateway: "file"))
            var second = message
            second.code = nil
            second.text = "a \"quoted\"\nline"
            _ = try await gateway.send(second)
            let expected = """
                {"to":"+8613800001234","purpose":"LOGIN_SMS","text":"您的验证码是 123456","code":"123456",\
                "time":"2023-11-14T22:13:20Z"}
                {"to":"+8613800001234","purpose":"LOGIN_SMS","text":"a \\"quoted\\"\\nline",\
                "time":"2023-11-14T22:13:20Z"}

                """
            #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
        }
    }

    @Test("the file is its owner's alone", .tags(.security))
    func mode() async throws {
        try await withFolder { folder in
            let path = folder + "/sms.jsonl"
            _ = try await FileSMSGateway(path: path, now: { sendingTime }).send(message)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
    }

    @Test("messages sent at the same time do not mix")
    func parallel() async throws {
        try await withFolder { folder in
            let path = folder + "/sms.jsonl"
            try await withThrowingTaskGroup { group in
                for index in 0..<100 {
                    // Every message through a gateway of its own, as from several processes.
                    group.addTask {
                        var message = message
                        message.text = "\(index) " + String(repeating: "字", count: 1_000)
                        _ = try await FileSMSGateway(path: path, now: { sendingTime }).send(message)
                    }
                }
                try await group.waitForAll()
            }
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let texts = try lines.map { try JSON.parse(Array($0.utf8), maximumDepth: 2)["text"]?.string ?? "" }
            #expect(Set(texts.compactMap { Int($0.prefix { $0 != " " }) }) == Set(0..<100))
            #expect(texts.allSatisfy { $0.hasSuffix(String(repeating: "字", count: 1_000)) })
        }
    }

    @Test("does not write through a link", .tags(.security))
    func link() async throws {
        try await withFolder { folder in
            let path = folder + "/sms.jsonl"
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/elsewhere")
            await #expect(throws: SMSError.notWritten) {
                try await FileSMSGateway(path: path, now: { sendingTime }).send(message)
            }
            #expect(!FileManager.default.fileExists(atPath: folder + "/elsewhere"))
        }
    }

    @Test("says when it cannot write")
    func unwritable() async throws {
        try await withFolder { folder in
            await #expect(throws: SMSError.notWritten) {
                try await FileSMSGateway(path: folder + "/missing/sms.jsonl", now: { sendingTime }).send(message)
            }
        }
    }
}

@Suite("The log gateway")
struct LogSMSGatewayTests {
    @Test("shows receiver, purpose, code and text in a frame")
    func shows() async throws {
        try await withFolder { folder in
            let path = folder + "/terminal"
            let receipt = try await LogSMSGateway(output: .named(path)).send(message)
            #expect(receipt == SMSReceipt(gateway: "log"))
            let expected = """
                ┌─ SMS (not sent: the log gateway is in use)
                │ to    +8613800001234
                │ for   LOGIN_SMS
                │ code  123456
                │ text  您的验证码是 123456
                └─

                """
            #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
        }
    }

    @Test("a text cannot move the cursor or forge a line", .tags(.security))
    func controls() {
        var hostile = message
        hostile.text = "a\u{1B}[2Jb\r\nc\u{9B}d\u{0}"
        hostile.code = nil
        #expect(LogSMSGateway.box(hostile).contains("│ code  –\n│ text  a[2Jbcd\n"))
    }
}
