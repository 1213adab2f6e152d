package import Logging
import ServiceLifecycle

/// Hands e-mails to the gateway after the answer has been given, so that a page answers in the same time whether a
/// message is sent or not, and does not wait for a mail server.
///
/// The queue is bounded and in memory: a message that is lost in a crash is sent again when the person asks again.
package struct MailDispatch: Service {
    private let post: MailPost
    private let logger: Logger
    private let queue: AsyncStream<MailDelivery>
    private let entrance: AsyncStream<MailDelivery>.Continuation
    /// Messages under way at once; a connection each.
    private let parallelism: Int

    /// - Parameters:
    ///   - capacity: Messages that may wait.
    package init(_ post: MailPost, logger: Logger, capacity: Int = 1_000, parallelism: Int = 4) {
        self.post = post
        self.logger = logger
        self.parallelism = parallelism
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    /// Takes a message or a decoy over.
    /// - Returns: Whether there was room; where there was none, the person is told that nothing could be sent.
    package func enqueue(_ delivery: MailDelivery) -> Bool {
        switch entrance.yield(delivery) {
        case .enqueued: return true
        default:
            logger.error("mail queue is full, a message was dropped")
            return false
        }
    }

    /// Sends until graceful shutdown, then sends what is left.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                var underWay = 0
                for await delivery in queue {
                    if underWay == parallelism {
                        await group.next()
                        underWay -= 1
                    }
                    group.addTask { _ = await post.deliver(delivery) }
                    underWay += 1
                }
            }
        } onGracefulShutdown: {
            entrance.finish()
        }
    }
}

extension MailDispatch: CustomStringConvertible {
    /// What the service group logs by; it would print everything in here otherwise.
    package var description: String { "mail dispatch" }
}
