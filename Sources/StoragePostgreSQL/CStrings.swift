import CLibPQ

/// Texts in the form a C function wants: all of them in one buffer, each ended by a zero byte.
struct CStrings {
    private var bytes: [UInt8] = []
    /// Where each text begins in `bytes`; nil for a null pointer.
    private var starts: [Int?] = []

    /// - Parameter texts: None holds U+0000, which would end it early; nil becomes a null pointer.
    init(_ texts: [String?]) {
        for text in texts {
            starts.append(text == nil ? nil : bytes.count)
            bytes.append(contentsOf: (text ?? "").utf8)
            bytes.append(0)
        }
    }

    /// Calls `body` with the pointers, which are valid only inside.
    func withPointers<T>(_ body: ([UnsafePointer<CChar>?]) -> T) -> T {
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe body(
                starts.map { start in
                    unsafe start.flatMap {
                        unsafe buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self)
                    }
                })
        }
    }
}
