package import Logging
import Synchronization

/// Keeps every line that a server logs, so that a test can look for what must never be there.
package final class LogBook: Sendable {
    private let kept = Mutex<[String]>([])

    package init() {}

    /// Level, message and metadata of every line, oldest first.
    package var lines: [String] { kept.withLock { $0 } }

    /// A logger that writes here.
    package var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    fileprivate func add(_ line: String) {
        kept.withLock { $0.append(line) }
    }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let pairs = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            book.add("\(event.level) \(event.message) \(pairs.joined(separator: " "))")
        }
    }
}
