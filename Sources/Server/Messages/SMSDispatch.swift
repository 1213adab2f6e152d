package import Logging
import ServiceLifecycle

/// Hands SMS messages to the gateways after the answer has been given, so that a page answers in the same time
/// whether a message is sent or not (peers' class 19), and writes to the ledger what became of them.
///
/// The queue is bounded and in memory: a message that is lost in a crash is sent again when the person asks again;
/// its code is stored only as a hash, so it could not be sent later anyway.
package struct SMSDispatch: Service {
    private let post: SMSPost
    private let logger: Logger
    private let queue: AsyncStream<SMSDelivery>
    private let entrance: AsyncStream<SMSDelivery>.Continuation
    /// Messages under way at once; a gateway answers in about a second.
    private let parallelism: Int

    /// - Parameters:
    ///   - capacity: Messages that may wait.
    package init(_ post: SMSPost, logger: Logger, capacity: Int = 1_000, parallelism: Int = 8) {
        self.post = post
        self.logger = logger
        self.parallelism = parallelism
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    /// Takes a message or a decoy over.
    /// - Returns: Whether there was room; where there was none, the person is told that nothing could be sent.
    package func enqueue(_ delivery: SMSDelivery) -> Bool {
        switch entrance.yield(delivery) {
        case .enqueued: return true
        default:
            logger.error("SMS queue is full, a message was dropped")
            return false
        }
    }

    /// What sends at once instead, for whoever waits to hear what became of it.
    func messenger(_ pages: @escaping @Sendable () async throws -> Pages) -> Messenger {
        var messenger = Messenger(post: post, pages: pages)
        messenger.parallelism = parallelism
        return messenger
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

extension SMSDispatch: CustomStringConvertible {
    /// What the service group logs by; it would print everything in here otherwise.
    package var description: String { "SMS dispatch" }
}
