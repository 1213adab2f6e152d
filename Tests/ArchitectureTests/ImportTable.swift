import Testing

/// One row of the import table of Sources/README.md.
struct ImportRow: Sendable, CustomTestStringConvertible {
    let module: String
    /// Our own modules it may import.
    let ours: Set<String>
    /// Modules of others it may import.
    let others: Set<String>

    init(_ module: String, _ ours: [String], others: [String] = []) {
        self.module = module
        self.ours = Set(ours)
        self.others = Set(others)
    }

    var testDescription: String { module }
}

/// Who may import whom. A line imports only lines above it.
enum ImportTable {
    static let rows: [ImportRow] = [
        ImportRow("Wire", ["CQREncode"]),
        ImportRow("Cryptography", ["Wire", "CArgon2", "CCrypt", "CLibCrypto"]),
        ImportRow("JOSE", ["Wire", "Cryptography"]),
        ImportRow("Directory", ["Wire", "Cryptography"]),
        ImportRow("Identity", ["Wire", "Directory", "Cryptography"]),
        ImportRow("OAuth2", ["Wire", "JOSE", "Cryptography"]),
        ImportRow("OIDC", ["Wire", "OAuth2", "Identity", "Directory", "JOSE", "Cryptography"]),
        ImportRow("CAS", ["Wire", "Identity", "Directory", "Cryptography"]),
        ImportRow("Storage", ["Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "OIDC", "CAS"]),
        ImportRow("StorageSQLite", ["Storage", "CSQLite"], others: ["Dispatch", "Logging", "Glibc"]),
        ImportRow("StoragePostgreSQL", ["Storage", "CLibPQ"], others: ["Dispatch", "Logging", "Glibc"]),
        ImportRow(
            "Gateways", ["Wire", "Cryptography", "CCurl", "CResolv"],
            others: ["AsyncHTTPClient", "Logging", "NIOCore", "NIOPosix", "NIOSSL", "NIOHTTP1", "Glibc"]),
        ImportRow(
            "Server",
            ["Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "OIDC", "CAS", "Storage", "Gateways"],
            others: [
                "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HTTPTypes", "Mustache", "Logging", "NIOCore",
                "NIOPosix", "NIOSSL", "ServiceLifecycle", "Glibc",
            ]),
        ImportRow(
            "gatehouse",
            [
                "Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "OIDC", "CAS", "Storage",
                "StorageSQLite", "StoragePostgreSQL", "Gateways", "Server",
            ],
            others: [
                "ArgumentParser", "Configuration", "Hummingbird", "Logging", "NIOCore", "ServiceLifecycle",
                "UnixSignals", "Yams", "Glibc", "Foundation",
            ]),
    ]

    /// What every module may import without saying so.
    static let everywhere: Set<String> = ["FoundationEssentials", "Swift", "Synchronization"]
    /// System libraries: a header and a module map each.
    static let systemLibraries: Set<String> = [
        "CArgon2", "CCrypt", "CCurl", "CLibCrypto", "CSQLite", "CLibPQ", "CQREncode", "CResolv",
    ]
    /// The modules that know no clock, no network and no storage.
    static let cores = ["Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "OIDC", "CAS"]
}
