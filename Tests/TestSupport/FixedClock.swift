package import FoundationEssentials
import Synchronization

/// A clock that stands still until a test moves it.
package final class FixedClock: Sendable {
    /// Where every test begins: 2023-11-14T22:13:20Z.
    package static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private let time = Mutex(FixedClock.start)

    package init() {}

    /// The time; whole seconds.
    package var now: Date { time.withLock { $0 } }

    /// Lets time pass.
    /// - Parameter seconds: Whole seconds.
    package func advance(by seconds: TimeInterval) {
        time.withLock { $0 += seconds }
    }
}
