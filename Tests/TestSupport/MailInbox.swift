package import Gateways
import Synchronization

/// A mail gateway that keeps what it is given: every mailbox of a test in one place. It can be told to fail.
package final class MailInbox: MailGateway {
    private struct State {
        var messages: [MailMessage] = []
        var waiting: [String: CheckedContinuation<Void, Never>] = [:]
        var passed: Set<String> = []
        var error: MailError?
    }

    package var name: String { "inbox" }
    private let state = Mutex(State())

    package init() {}

    package func send(_ message: MailMessage) async throws -> MailReceipt {
        if message.purpose == Self.mark {
            pass(message.text)
        } else {
            try state.withLock { state in
                if let error = state.error { throw error }
                state.messages.append(message)
            }
        }
        return MailReceipt(gateway: name, reference: "m-1")
    }

    /// Everything that has arrived so far.
    package var messages: [MailMessage] { state.withLock { $0.messages } }

    /// Refuses whatever comes from now on; nil: takes it again.
    package func fail(with error: MailError?) { state.withLock { $0.error = error } }

    // MARK: - Marks

    /// A message that is no message: when it arrives, everything that was queued before it has arrived too.
    static func mark(_ name: String) -> MailMessage? {
        MailAddress("mark@test.example").map { MailMessage(to: $0, purpose: mark, subject: "", text: name) }
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
