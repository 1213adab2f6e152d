package import Gateways
import Synchronization

/// A gateway that keeps what it is given: every phone of a test in one place.
package final class SMSInbox: SMSGateway {
    private struct State {
        var messages: [SMSMessage] = []
        var waiting: [String: CheckedContinuation<Void, Never>] = [:]
        var passed: Set<String> = []
    }

    private let state = Mutex(State())

    package init() {}

    package func send(_ message: SMSMessage) async throws {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard message.purpose == Self.mark else {
                state.messages.append(message)
                return nil
            }
            state.passed.insert(message.text)
            return state.waiting.removeValue(forKey: message.text)
        }
        waiter?.resume()
    }

    /// Everything that has arrived so far.
    package var messages: [SMSMessage] { state.withLock { $0.messages } }

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

    private static let mark = "mark"
}
