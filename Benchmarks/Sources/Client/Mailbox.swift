import Glibc
import Synchronization

/// The phones of everybody: reads what the gateway `file` has appended.
final class Mailbox: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        /// Read, but not yet a whole line.
        var rest: [UInt8] = []
        /// The last code of each phone that nobody has taken.
        var codes: [String: String] = [:]
    }

    let path: String
    private let state = Mutex(State())

    init(path: String) {
        self.path = path
    }

    deinit {
        let descriptor = state.withLock(\.descriptor)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Waits for a message and takes the code from it.
    /// - Parameter phone: Eleven digits.
    func code(sentTo phone: Int) throws(Failure) -> String {
        let deadline = ContinuousClock.now + .seconds(10)
        repeat {
            let code = state.withLock { state in
                read(&state)
                return state.codes.removeValue(forKey: "86\(phone)")
            }
            if let code { return code }
            usleep(200)
        } while ContinuousClock.now < deadline
        throw Failure("no code arrived")
    }

    private func read(_ state: inout State) {
        // The first message makes the file.
        if state.descriptor < 0 { state.descriptor = unsafe open(path, O_RDONLY) }
        guard state.descriptor >= 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe Glibc.read(state.descriptor, &chunk, chunk.count)
        guard count > 0 else { return }
        state.rest += chunk[..<count]
        while let end = state.rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(state.rest[..<end])
            state.rest.removeFirst(end + 1)
            if let phone = line.word(after: "\"to\":\"+"), let code = line.word(after: "\"code\":\"") {
                state.codes[String(decoding: line[phone], as: UTF8.self)] = String(decoding: line[code], as: UTF8.self)
            }
        }
    }
}
