import Dispatch
import Synchronization

/// Runs flows on several threads, each with a connection of its own, until a number or a time is reached.
enum LoadGenerator {
    /// What was done.
    struct Work: Sendable {
        let flows: Int
        /// Wall time from the first to the last.
        let seconds: Double
    }

    private final class State: Sendable {
        let begun = Atomic<Int>(0)
        let done = Atomic<Int>(0)
        let failure = Mutex<Failure?>(nil)
    }

    /// - Parameters:
    ///   - flows: How many in all.
    ///   - seconds: When to stop beginning new ones.
    ///   - worker: Given its number, runs flows for as long as it is told to go on.
    static func run(
        flows: Int, parallelism: Int, seconds: Int,
        worker: @escaping @Sendable (_ number: Int, _ goesOn: () -> Bool) throws(Failure) -> Void
    ) throws(Failure) -> Work {
        let state = State()
        let group = DispatchGroup()
        let started = ContinuousClock.now
        let deadline = started + .seconds(seconds)
        for number in 0..<parallelism {
            // A serial queue of its own gives each worker a thread of its own.
            DispatchQueue(label: "worker \(number)").async(group: group) {
                var isUnderWay = false
                do throws(Failure) {
                    try worker(number) {
                        if isUnderWay { state.done.add(1, ordering: .relaxed) }
                        isUnderWay =
                            state.failure.withLock { $0 == nil } && ContinuousClock.now < deadline
                            && state.begun.add(1, ordering: .relaxed).newValue <= flows
                        return isUnderWay
                    }
                } catch { state.failure.withLock { $0 = $0 ?? error } }
            }
        }
        group.wait()
        if let failure = state.failure.withLock({ $0 }) { throw failure }
        return Work(flows: state.done.load(ordering: .relaxed), seconds: (ContinuousClock.now - started).inSeconds)
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
