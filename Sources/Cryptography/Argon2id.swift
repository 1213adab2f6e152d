// The parameters and the PHC form are ours; libargon2 only computes (Argon2Input).

/// Why a password cannot be hashed.
package enum Argon2Error: Error, Equatable, Sendable {
    /// Parameters, salt or length outside `Argon2id.Parameters.bounds`.
    case unacceptableParameters
    /// The memory could not be had.
    case outOfMemory
    /// libargon2 refused for another reason.
    case failed
}

/// Password hashing with Argon2id, version 1.3 (RFC 9106).
///
/// Blocks its thread for some 20 ms and takes `memoryKiB` of memory: call it on a bounded queue of its own.
package enum Argon2id {
    /// What one hash costs.
    package struct Parameters: Equatable, Hashable, Sendable {
        package var memoryKiB: Int
        package var iterations: Int
        package var parallelism: Int

        package init(memoryKiB: Int, iterations: Int, parallelism: Int) {
            self.memoryKiB = memoryKiB
            self.iterations = iterations
            self.parallelism = parallelism
        }

        /// What every PHC string with these figures begins with.
        package var prefix: String { "$argon2id$v=19$m=\(memoryKiB),t=\(iterations),p=\(parallelism)$" }

        /// 19 MiB, 2 passes, 1 lane: the product's default.
        package static let standard = Parameters(memoryKiB: 19_456, iterations: 2, parallelism: 1)

        /// Whether the figures are within what we compute: at most 256 MiB, 16 passes and 16 lanes, so that a stored
        /// or imported hash cannot stop the server. The lower bounds are RFC 9106 §3.1.
        package var isAcceptable: Bool {
            (1...16).contains(parallelism) && (1...16).contains(iterations)
                && (8 * parallelism...262_144).contains(memoryKiB)
        }
    }

    /// Hashes a password into its PHC string, `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
    /// - Parameters:
    ///   - password: Any bytes, NUL and any length included.
    ///   - salt: 8 to 64 bytes, 16 by habit, from `SecureRandom`.
    package static func hash(
        password: [UInt8], salt: [UInt8], parameters: Parameters
    ) throws(Argon2Error) -> String {
        let input = Argon2Input(password: password, salt: salt)
        let hash = try input.derive(parameters, length: 32)
        return PHCString(parameters: parameters, salt: salt, hash: hash).text
    }

    /// A PHC string that no password belongs to, and whose verification costs what a real one's does.
    ///
    /// Its hash is random: nothing is computed for it.
    /// - Throws: `.unacceptableParameters`, as hashing with them would.
    package static func decoy(
        _ parameters: Parameters, using random: inout some RandomNumberGenerator
    ) throws(Argon2Error) -> String {
        guard parameters.isAcceptable else { throw .unacceptableParameters }
        return PHCString(parameters: parameters, salt: random.bytes(16), hash: random.bytes(32)).text
    }

    /// Whether the password belongs to the PHC string, compared in constant time.
    ///
    /// False for a string that is malformed, of another function or with unacceptable parameters.
    package static func verify(password: [UInt8], phc: String) -> Bool {
        guard let stored = PHCString(phc) else { return false }
        let input = Argon2Input(password: password, salt: stored.salt)
        // Out of memory counts as a wrong password: the caller has nothing better to say either.
        guard let hash = try? input.derive(stored.parameters, length: stored.hash.count) else { return false }
        return ConstantTime.equal(hash, stored.hash)
    }

    /// What a PHC string was made with, to see whether it is to be upgraded; nil when `verify` could never accept it.
    package static func parameters(of phc: String) -> Parameters? {
        PHCString(phc)?.parameters
    }
}
