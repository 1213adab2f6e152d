import FoundationEssentials
import NIOCore
import NIOPosix

/// Calls that block and cannot be cancelled.
enum BlockingCall {
    /// Runs `body` on a thread of a pool. The caller stops waiting for it after a time; the thread is busy until it ends.
    /// - Parameters:
    ///   - timeout: Seconds.
    ///   - failure: What is thrown then.
    static func run<T: Sendable>(
        on threads: NIOThreadPool, timeout: TimeInterval, otherwise failure: any Error,
        _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: T.self)
        let timer = loop.scheduleTask(in: .seconds(timeout)) { promise.fail(failure) }
        let end = ContinuousClock.now + .seconds(timeout)
        let call = threads.runIfActive(eventLoop: loop) {
            // Whoever waited so long for a thread has gone; others need it.
            guard ContinuousClock.now < end else { throw failure }
            return try body()
        }
        call.whenComplete { result in
            timer.cancel()
            // Without effect when the timer was first.
            promise.completeWith(result)
        }
        return try await promise.futureResult.get()
    }
}
