import CLibCrypto

/// The operating system's generator, without state of its own: a copy cannot repeat what the original gave.
package struct SecureRandom: RandomNumberGenerator, Sendable {
    package init() {}

    package mutating func next() -> UInt64 {
        var value: UInt64 = 0
        unsafe withUnsafeMutableBytes(of: &value) { unsafe Self.fill($0) }
        return value
    }

    /// One system call for all of `buffer`: four calls of 8 bytes take four times as long.
    fileprivate static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var filled = 0
        var failures = 0
        while filled < buffer.count {
            let got = unsafe getrandom(buffer.baseAddress?.advanced(by: filled), buffer.count - filled, 0)
            if got > 0 { filled += got } else { failures += 1 }
            // Only an interrupted call may fail, and not sixteen times: going on without randomness is no option.
            precondition(failures < 16, "getrandom(2) does not answer")
        }
    }
}

extension RandomNumberGenerator {
    /// `count` random bytes: from the system in one call, or from a test's seeded generator.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        if Self.self is SecureRandom.Type {
            unsafe output.withUnsafeMutableBytes { unsafe SecureRandom.fill($0) }
            return output
        }
        for start in stride(from: 0, to: count, by: 8) {
            var word = next()
            for index in start..<min(start + 8, count) {
                output[index] = UInt8(truncatingIfNeeded: word)
                word >>= 8
            }
        }
        return output
    }
}
