import FoundationEssentials
import Synchronization
import Testing

@testable import Gateways

@Suite("Several gateways in order")
struct FailOverSMSTests {
    /// A gateway that says what it was told to say, and counts how often it was asked.
    final class Playing: SMSGateway {
        let name: String
        private let error: SMSError?
        private let count = Mutex(0)
        var asked: Int { count.withLock { $0 } }

        init(_ name: String, _ error: SMSError? = nil) {
            self.name = name
            self.error = error
        }

        func send(_ message: SMSMessage) async throws -> SMSReceipt {
            count.withLock { $0 += 1 }
            if let error { throw error }
            return SMSReceipt(gateway: name, reference: "1")
        }
    }

    /// What the log is told.
    final class Failures: Sendable {
        struct Failure: Equatable, Sendable {
            var gateway: String
            var error: SMSError
        }

        private let list = Mutex<[Failure]>([])
        var all: [Failure] { list.withLock { $0 } }

        func add(_ gateway: String, _ error: SMSError) {
            list.withLock { $0.append(Failure(gateway: gateway, error: error)) }
        }
    }

    static let passing: [SMSError] = [
        .unavailable(reason: "timedOut"), .misconfigured(code: "E200030"), .noTemplate(purpose: "LOGIN_SMS"),
        .notWritten,
    ]

    @Test("the first that can is the only one that sends")
    func first() async throws {
        let gateways = [Playing("a"), Playing("b")]
        let failures = Failures()
        let gateway = FailOverSMSGateway(gateways[0], then: [gateways[1]], onFailure: failures.add)
        #expect(try await gateway.send(message) == SMSReceipt(gateway: "a", reference: "1"))
        #expect(gateways.map(\.asked) == [1, 0])
        #expect(failures.all.isEmpty)
    }

    @Test("the next one sends what the one before cannot, and the log is told", arguments: passing)
    func next(_ error: SMSError) async throws {
        let gateways = [Playing("a", error), Playing("b", .notWritten), Playing("c"), Playing("d")]
        let failures = Failures()
        let gateway = FailOverSMSGateway(gateways[0], then: Array(gateways[1...]), onFailure: failures.add)
        #expect(try await gateway.send(message) == SMSReceipt(gateway: "c", reference: "1"))
        #expect(gateways.map(\.asked) == [1, 1, 1, 0])
        #expect(failures.all == [.init(gateway: "a", error: error), .init(gateway: "b", error: .notWritten)])
    }

    @Test("when all fail, the first one's reason is the reason", arguments: passing)
    func allFail(_ error: SMSError) async throws {
        let gateways = [Playing("a", error), Playing("b", .unavailable(reason: "HTTP 503"))]
        let failures = Failures()
        let gateway = FailOverSMSGateway(gateways[0], then: [gateways[1]], onFailure: failures.add)
        await #expect(throws: error) { try await gateway.send(message) }
        #expect(gateways.map(\.asked) == [1, 1])
        #expect(failures.all.map(\.gateway) == ["a", "b"])
    }

    @Test("no other vendor is asked to send to a receiver that one rejected", .tags(.security), arguments: [0, 1])
    func rejected(_ place: Int) async throws {
        let rejection = SMSError.rejected(code: "isv.BUSINESS_LIMIT_CONTROL")
        let gateways = (0..<3).map { Playing("\($0)", $0 == place ? rejection : .notWritten) }
        let failures = Failures()
        let gateway = FailOverSMSGateway(gateways[0], then: Array(gateways[1...]), onFailure: failures.add)
        await #expect(throws: rejection) { try await gateway.send(message) }
        #expect(gateways.map(\.asked) == [1, place, 0])
        #expect(failures.all.last == .init(gateway: "\(place)", error: rejection))
    }

    @Test("one gateway alone fails as it fails")
    func alone() async throws {
        let failures = Failures()
        let gateway = FailOverSMSGateway(Playing("a", .notWritten), then: [], onFailure: failures.add)
        await #expect(throws: SMSError.notWritten) { try await gateway.send(message) }
        #expect(failures.all == [.init(gateway: "a", error: .notWritten)])
    }

    @Test("is named for its gateways")
    func names() {
        let gateway = FailOverSMSGateway(Playing("huawei"), then: [Playing("file")]) { _, _ in }
        #expect(gateway.name == "huawei,file")
    }

    @Test("goes from a vendor that does not answer to the next", arguments: Vendor.allCases)
    func vendors(_ vendor: Vendor) async throws {
        try await withFolder { folder in
            let path = folder + "/sms.jsonl"
            let failures = Failures()
            let sent = try await sending(to: .status(503)) { url, http in
                FailOverSMSGateway(
                    try vendor.gateway(url, http), then: [FileSMSGateway(path: path, now: { sendingTime })],
                    onFailure: failures.add)
            }
            #expect(sent.result == .success(SMSReceipt(gateway: "file")))
            #expect(sent.received.count == 1)
            #expect(failures.all == [.init(gateway: vendor.rawValue, error: .unavailable(reason: "HTTP 503"))])
        }
    }

    @Test("giving up waiting is neither a failure nor a reason to try the next")
    func cancelled() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let answer = Receiver.Answer.deciding { _ in
            arrived.yield()
            return .silence
        }
        let second = Playing("b")
        let failures = Failures()
        try await Receiver.run(answer) { receiver in
            try await using(loopbackClient()) { http in
                let first = try Vendor.alibaba.gateway("http://127.0.0.1:\(receiver.port)", http)
                let gateway = FailOverSMSGateway(first, then: [second], onFailure: failures.add)
                let task = Task { try await gateway.send(message) }
                for await _ in arrivals { break }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
        #expect(second.asked == 0)
        #expect(failures.all.isEmpty)
    }

    @Test("a gateway that reports a failure to a cancelled task is not the end of its gateways")
    func failingWhileCancelled() async throws {
        let second = Playing("b")
        let failures = Failures()
        let gateway = FailOverSMSGateway(Playing("a", .notWritten), then: [second], onFailure: failures.add)
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await gateway.send(message)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(second.asked == 0)
        #expect(failures.all.isEmpty)
    }
}
