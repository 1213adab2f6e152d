import Glibc

/// Somebody who is about to sign in.
struct CrowdMember {
    let connection: HTTPConnection
    let form: String
}

/// What a crowd met with.
struct CrowdCount {
    var people = 0
    var entered = 0
    /// Of them, without being told to come back first.
    var enteredAtOnce = 0
    /// 503 with `Retry-After`.
    var refused = 0
    /// 503 without.
    var refusedForGood = 0
    /// Neither a way on nor 503.
    var other = 0
    var mostAttempts = 0
    /// Until the last was answered.
    var seconds = 0.0
    /// From the request to a 503, the longest.
    var slowestRefusal = 0.0

    mutating func add(_ other: CrowdCount) {
        people += other.people
        entered += other.entered
        enteredAtOnce += other.enteredAtOnce
        refused += other.refused
        refusedForGood += other.refusedForGood
        self.other += other.other
        mostAttempts = max(mostAttempts, other.mostAttempts)
    }
}

/// Sends everybody's form at once, and again when the answer says so. One thread waits for all connections, so that the
/// generator takes as little of the processors as it can.
struct CrowdRush {
    private struct State {
        var attempts = 0
        var sentAt = ContinuousClock.now
        /// When to send again; nil while an answer is awaited, and when there is nothing more to do.
        var due: ContinuousClock.Instant?
        var isDone = false
    }

    private let people: [CrowdMember]
    private var states: [State]
    private var count = CrowdCount()
    private var open: Int

    init(_ people: [CrowdMember]) {
        self.people = people
        states = people.map { _ in State(due: .now) }
        count.people = people.count
        open = people.count
    }

    /// Seconds after which whoever is still outside is given up.
    private static let patience = 120.0

    /// Runs until everybody is in or was answered with something else.
    mutating func run() throws(Failure) -> CrowdCount {
        let start = ContinuousClock.now
        while open > 0, (ContinuousClock.now - start).inSeconds < Self.patience {
            try sendWhatIsDue()
            for index in try waitForAnswers() { try receive(index) }
        }
        count.seconds = (ContinuousClock.now - start).inSeconds
        return count
    }

    private mutating func sendWhatIsDue() throws(Failure) {
        for index in states.indices {
            guard let due = states[index].due, due <= .now else { continue }
            try people[index].connection.send(people[index].form)
            states[index].attempts += 1
            states[index].sentAt = .now
            states[index].due = nil
        }
    }

    /// Whose answers have come, at least in part; nobody's after 20 ms, when others may be due.
    private func waitForAnswers() throws(Failure) -> [Int] {
        var descriptors = people.indices.map { index in
            // A negative one is passed over.
            let isAwaited = states[index].due == nil && !states[index].isDone
            return pollfd(fd: isAwaited ? people[index].connection.descriptor : -1, events: Int16(POLLIN), revents: 0)
        }
        guard unsafe poll(&descriptors, nfds_t(descriptors.count), 20) >= 0 else { throw Failure("poll failed") }
        return descriptors.indices.filter { descriptors[$0].revents != 0 }
    }

    private mutating func receive(_ index: Int) throws(Failure) {
        guard let answer = try people[index].connection.receive() else { return }
        let retryAfter = answer.values("retry-after").first.flatMap { Double($0) }
        count.mostAttempts = max(count.mostAttempts, states[index].attempts)
        switch (answer.status, retryAfter) {
        case (503, let seconds?):
            count.refused += 1
            count.slowestRefusal = max(count.slowestRefusal, (ContinuousClock.now - states[index].sentAt).inSeconds)
            states[index].due = .now + .seconds(seconds)
            return
        case (503, nil): count.refusedForGood += 1
        case (303, _):
            count.entered += 1
            if states[index].attempts == 1 { count.enteredAtOnce += 1 }
        default: count.other += 1
        }
        states[index].isDone = true
        open -= 1
    }
}
