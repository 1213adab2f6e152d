import CResolv

/// Reads DNS messages (RFC 1035 §4), through the C library's parser, which checks every length and pointer.
enum DNSAnswer {
    /// What the CNAME records of a name say. Records of other names, such as those that a chain leads to, do not count.
    /// - Throws: `unreadable`.
    static func canonicalNames(of name: String, in answer: [UInt8]) throws(DNSError) -> [String] {
        let found: [String]? = unsafe answer.withUnsafeBufferPointer { bytes in
            var message = unsafe ns_msg()
            guard let start = bytes.baseAddress, unsafe ns_initparse(start, Int32(bytes.count), &message) == 0,
                unsafe bytes[2] & isResponse != 0
            else { return nil }
            var names: [String] = []
            // The counts of the four sections; the second is that of the answers.
            for index in 0..<(unsafe Int32(message._counts.1)) {
                var record = unsafe ns_rr()
                guard unsafe ns_parserr(&message, ns_s_an, index, &record) == 0 else { return nil }
                guard unsafe record.type == UInt16(ns_t_cname.rawValue), unsafe isOwner(record, name) else { continue }
                guard let target = unsafe target(of: record, in: message) else { return nil }
                names.append(target)
            }
            return names
        }
        guard let found else { throw .unreadable }
        return found
    }

    /// The bit that tells an answer from a question, in the third byte (RFC 1035 §4.1.1); the library does not look at it.
    private static let isResponse: UInt8 = 0x80

    private static func isOwner(_ record: ns_rr, _ name: String) -> Bool {
        guard unsafe record.rr_class == UInt16(ns_c_in.rawValue) else { return false }
        return unsafe withUnsafeBytes(of: record.name) { bytes in
            unsafe bytes.prefix { $0 != 0 }.elementsEqual(name.utf8) { lowercased($0) == lowercased($1) }
        }
    }

    private static func target(of record: ns_rr, in message: ns_msg) -> String? {
        var text = [CChar](repeating: 0, count: Int(NS_MAXDNAME))
        let used = unsafe ns_name_uncompress(message._msg, message._eom, record.rdata, &text, text.count)
        // What the name does not fill of the record's data would be something else than a name.
        guard used >= 0, unsafe used == record.rdlength else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
