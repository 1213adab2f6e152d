/// Somebody with a phone.
struct FloorPerson: Sendable {
    let id: BareValue
    let phoneIndex: BareValue

    init(id: String, phoneIndex: String) {
        self.id = .text(id)
        self.phoneIndex = .text(phoneIndex)
    }
}

extension FloorSteps {
    /// 1 row written.
    func portal(interaction: String) async throws {
        let (browser, now) = (try word(), Self.now)
        try await database.write { db throws(Failure) in
            try db.run(
                .insertInteraction, [.text(interaction), tenant, browser, .integer(now), .integer(now + 1_800)])
        }
    }

    /// 2 reads, each by itself.
    func signInPage(interaction: String) throws {
        try readInteraction(interaction)
        try readAttempts(ofAddress: "10.0.0.0")
    }

    /// 1 read; 3 rows locked, 10 reads, 3 rows written; 1 read. Then 1 row written, after the answer.
    func askCode(interaction: String, phone: Int) async throws {
        try readInteraction(interaction)
        let (person, address) = (people[phone % people.count], Self.address(phone))
        let (send, event, now) = (try word(), BareValue.text(try BareCrypto.risingWord()), Self.now)
        try await database.write { db throws(Failure) in
            try readLedger(db, person, address, phone, now: now)
            try db.run(
                .putChallenge,
                [tenant, person.phoneIndex, .text(interaction), person.id, .integer(0), .integer(now), .null])
            try db.run(
                .insertSignInEvent,
                [event, tenant, .integer(now), person.id, .text(address), .text(interaction)])
            try db.run(
                .insertSend, [send, tenant, person.id, person.phoneIndex, .text(address), .integer(now)])
        }
        try readAttempts(ofAddress: address)
        Task {
            try await database.write { db throws(Failure) in try db.run(.settleSend, [.integer(now), send]) }
        }
    }

    private func readLedger(
        _ db: BareConnection, _ person: FloorPerson, _ address: String, _ phone: Int, now: Int64
    ) throws(Failure) {
        let (index, hour) = (person.phoneIndex, BareValue.integer(now - 3_600))
        try db.run(.isFailing, [tenant, .integer(now - 120)])
        for number in [0, phone % 1_024, phone % 1_021] { try db.run(.rowLock, [.text("lock \(number)")]) }
        try db.run(.lastSend, [tenant, index])
        try db.run(.sendsToPhone, [tenant, index, hour])
        try db.run(.sendsToPhone, [tenant, index, .integer(now - 86_400)])
        try db.run(.sendsFromAddress, [tenant, .text(address), hour])
        try readUser(db, person)
        try db.run(.throttle, [.text(Self.throttle(of: person))])
        try db.run(.sendsOfTenant, [tenant, .integer(now - 600)])
    }

    /// 1 read; 3 rows locked, 5 reads, 2 counts made and taken back, 5 rows written.
    func enterCode(interaction: String, phone: Int) async throws {
        try readInteraction(interaction)
        let (person, address) = (people[phone % people.count], Self.address(phone))
        let (session, token, event) = (try word(), try word(), BareValue.text(try BareCrypto.risingWord()))
        let now = BareValue.integer(Self.now)
        let counts = [BareValue.text("address \(address)"), .text(Self.throttle(of: person))]
        try await database.write { db throws(Failure) in
            try db.run(.lockInteraction, [.text(interaction)])
            try readUser(db, person)
            try db.run(.lockUser, [person.id])
            try readUser(db, person)
            for count in counts {
                try db.run(.lockThrottle, [count, now])
                try db.run(.putThrottle, [now, count])
            }
            try db.run(.lockChallenge, [tenant, person.phoneIndex])
            try db.run(
                .putChallenge, [tenant, person.phoneIndex, .text(interaction), person.id, .integer(1), now, now])
            try db.run(.credential, [person.id])
            try db.run(.setInteractionState, [.text(interaction)])
            try db.run(.lockThrottle, [counts[0], now])
            for count in counts { try db.run(.clearThrottle, [count]) }
            try db.run(.activate, [now, person.id])
            try db.run(
                .insertSession, [session, tenant, token, person.id, now, .text(interaction), .text(address)])
            try db.run(
                .insertSignInEvent, [event, tenant, now, person.id, .text(address), .text(interaction)])
        }
    }

    // MARK: - What several requests read

    private func readInteraction(_ id: String) throws(Failure) {
        try database.read { db throws(Failure) in
            guard try db.run(.interaction, [.text(id)], column: 0) != nil else {
                throw Failure("the interaction is not there")
            }
        }
    }

    private func readAttempts(ofAddress address: String) throws(Failure) {
        _ = try database.read { db throws(Failure) in try db.run(.throttle, [.text("address \(address)")]) }
    }

    private func readUser(_ db: BareConnection, _ person: FloorPerson) throws(Failure) {
        try db.run(.userByPhone, [tenant, person.phoneIndex])
        try db.run(.members, [person.id])
    }

    /// A phone has an address of its own, as with the server.
    private static func address(_ phone: Int) -> String { "10.0.\(phone >> 8 & 255).\(phone & 255)" }

    private static func throttle(of person: FloorPerson) -> String {
        guard case .text(let id) = person.id else { return "user" }
        return "user \(id)"
    }
}
