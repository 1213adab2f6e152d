// swift-tools-version:6.2
import PackageDescription

// Warnings are errors in our own targets only; the packages we depend on are built as they are.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]

// Third-party products, named once.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// One of our own targets: folder = target = import name. What it may import is the table in Sources/README.md.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The test target of a module; it sees the module, what that module sees, and TestSupport where it says so.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "gatehouse",
    products: [.executable(name: "gatehouse", targets: ["gatehouse"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration.git", from: "1.4.0",
            traits: ["YAML", "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // C libraries from Debian.
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libxcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CResolv", providers: [.apt(["libc6-dev"])]),

        // In the order of the import table: a target imports targets above it here, never below.
        module("Wire", ["CQREncode"]),
        module("Cryptography", ["Wire", "CArgon2", "CCrypt", "CLibCrypto"]),
        module("JOSE", ["Wire", "Cryptography"]),
        module("Directory", ["Wire", "Cryptography"]),
        module("Identity", ["Wire", "Directory", "Cryptography"]),
        module("OAuth2", ["Wire", "JOSE", "Cryptography"]),
        module("OIDC", ["Wire", "OAuth2", "Identity", "Directory", "JOSE", "Cryptography"]),
        module("CAS", ["Wire", "Identity", "Directory", "Cryptography"]),
        module("Storage", ["Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "OIDC", "CAS"]),
        module("StorageSQLite", ["Storage", "CSQLite", logging]),
        module("StoragePostgreSQL", ["Storage", "CLibPQ", logging]),
        module(
            "Gateways",
            ["Wire", "Cryptography", "CCurl", "CResolv", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL]),
        module(
            "Server",
            [
                "Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "OIDC", "CAS", "Storage", "Gateways",
                hummingbird, hummingbirdCore, hummingbirdTLS, httpTypes, mustache, logging, nioCore, nioPosix, nioSSL,
                serviceLifecycle,
            ]),
        .executableTarget(
            name: "gatehouse",
            dependencies: [
                "Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "OIDC", "CAS", "Storage",
                "StorageSQLite", "StoragePostgreSQL", "Gateways", "Server",
                argumentParser, configuration, hummingbird, logging, nioCore, serviceLifecycle, unixSignals, yams,
            ],
            swiftSettings: strict),

        // What Benchmarks/run runs: load generator and floors. Uses nothing of ours, or it would measure us against us.
        .executableTarget(
            name: "benchmarks",
            dependencies: ["CArgon2", "CLibCrypto", "CSQLite", hummingbird, httpTypes, logging, nioCore],
            path: "Benchmarks/Sources", swiftSettings: strict),

        .target(
            name: "TestSupport",
            dependencies: [
                "Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "CAS", "Storage", "StorageSQLite",
                "StoragePostgreSQL", "Gateways", "Server", httpTypes, hummingbird, hummingbirdTesting, logging,
                nioCore, nioEmbedded, nioPosix,
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        tests(of: "Wire", ["Wire"]),
        tests(of: "Cryptography", ["Cryptography", "Wire"]),
        tests(of: "JOSE", ["JOSE", "Cryptography", "Wire"]),
        tests(of: "Directory", ["Directory", "Wire"]),
        tests(of: "Identity", ["Identity", "Directory", "Cryptography", "Wire"]),
        tests(of: "OAuth2", ["OAuth2", "Cryptography", "Wire"]),
        tests(of: "OIDC", ["OIDC", "OAuth2", "Identity", "Directory", "JOSE", "Cryptography", "Wire"]),
        tests(of: "CAS", ["CAS", "Identity", "Directory", "Cryptography", "Wire"]),
        tests(
            of: "Storage",
            [
                "Storage", "StorageSQLite", "StoragePostgreSQL", "Wire", "Cryptography", "Directory", "Identity",
                "OAuth2", "OIDC", "CAS", "TestSupport", logging,
            ]),
        tests(
            of: "Gateways",
            ["Gateways", "Wire", "Cryptography", "TestSupport", nioCore, nioHTTP1, nioPosix, nioSSL, logging]),
        tests(
            of: "Server",
            [
                "Server", "Wire", "Cryptography", "JOSE", "Directory", "Identity", "OAuth2", "OIDC", "CAS", "Storage",
                "Gateways", "TestSupport", httpTypes, logging,
            ]),
        tests(
            of: "gatehouse",
            ["gatehouse", "Wire", "Cryptography", "Directory", "Storage", "Server", "TestSupport", argumentParser]),
        tests(of: "Architecture"),
    ],
    swiftLanguageModes: [.v6]
)
