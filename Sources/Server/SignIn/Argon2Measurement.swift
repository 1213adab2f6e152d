package import Cryptography

/// What password hashes cost on this machine.
package struct Argon2Measurement: Equatable, Sendable {
    package let parameters: Argon2id.Parameters
    /// Of one hash, the quickest of several.
    package let milliseconds: Double

    /// Hashes per second that all of these processors compute.
    package func perSecond(processors: Int) -> Double { Double(processors) * 1_000 / milliseconds }

    /// Measures.
    /// - Parameter rounds: Hashes to compute; the quickest counts, as the others were disturbed.
    package init(_ parameters: Argon2id.Parameters, rounds: Int = 5) throws {
        var quickest = Duration.seconds(3_600)
        for _ in 0..<max(1, rounds) {
            let took = try ContinuousClock().measure {
                var random = SecureRandom()
                _ = try Argon2id.hash(password: random.bytes(16), salt: random.bytes(16), parameters: parameters)
            }
            quickest = min(quickest, took)
        }
        self.parameters = parameters
        milliseconds = quickest / .milliseconds(1)
    }

    /// The parameters that RFC 9106 §4 and OWASP's Password Storage Cheat Sheet recommend and the installation's own.
    package static func candidates(_ own: Argon2id.Parameters) -> [Argon2id.Parameters] {
        let known = [(7_168, 5), (9_216, 4), (12_288, 3), (19_456, 2), (47_104, 1), (65_536, 3)].map {
            Argon2id.Parameters(memoryKiB: $0.0, iterations: $0.1, parallelism: 1)
        }
        return known.contains(own) ? known : [own] + known
    }
}
