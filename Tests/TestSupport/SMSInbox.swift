package import Gateways
import Synchronization

/// A gateway that keeps what it is given: every phone of a test in one place. It can be told to fail, and to take its
/// time.
package final class SMSInbox: SMSGateway {
    private struct State {
        var messages: [SMSMessage] = []
        var waiting: [String: CheckedContinuation<Void, Never>] = [:]
        var passed: Set<String> = []
        var error: SMSError?
        var isBusy = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    package let name: String
    private let state = Mutex(State())

    package init(_ name: String = "inbox") { self.name = name }

    package func send(_ message: SMSMessage) async throws -> SMSReceipt {
        if message.purpose == Self.mark {
            pass(message.text)
        } else {
            await untilFree()
            try state.withLock { state in
                if let error = state.error { throw error }
                state.messages.append(message)
            }
        }
        return SMSReceipt(gateway: name, reference: "r-1")
    }

    /// Everything that has arrived so far.
    package var messages: [SMSMessage] { state.withLock { $0.messages } }

    /// Refuses whatever comes from now on; nil: takes it again.
    package func fail(with error: SMSError?) { state.withLock { $0.error = error } }

    /// Lets every message wait until it is free again.
    package func makeBusy() { state.withLock { $0.isBusy = true } }

    package func makeFree() {
        let held = state.withLock { state in
            state.isBusy = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    private func untilFree() async {
        await withCheckedContinuation { continuation in
            let isBusy = state.withLock { state in
                if state.isBusy { state.held.append(continuation) }
                return state.isBusy
            }
            if !isBusy { continuation.resume() }
        }
    }

    // MARK: - Marks

    /// A message that is no message: when it arrives, everything that was queued before it has arrived too, as the
    /// queue of ``TestServer`` hands over one at a time.
    static func mark(_ name: String) -> SMSMessage {
        SMSMessage(to: "", purpose: mark, text: name, parameters: [], code: nil)
    }

    /// Waits until a mark has arrived.
    func wait(forMark name: String) async {
        await withCheckedContinuation { continuation in
            let hasPassed = state.withLock { state in
                if !state.passed.contains(name) { state.waiting[name] = continuation }
                return state.passed.contains(name)
            }
            if hasPassed { continuation.resume() }
        }
    }

    private func pass(_ name: String) {
        let waiter = state.withLock { state in
            state.passed.insert(name)
            return state.waiting.removeValue(forKey: name)
        }
        waiter?.resume()
    }

    private static let mark = "mark"
}
