import ArgumentParser
import Foundation
import Server
import Testing

@testable import gatehouse

@Suite("Configuration: flags")
struct SettingFlagsTests {
    @Test("are taken out wherever they stand, in both spellings")
    func split() throws {
        let (flags, rest) = try SettingFlags.split([
            "--http-port", "9000", "user", "show", "alice", "--config=g.yaml", "--json",
            "--http-trusted-proxies=10.0.0.0/8,::1",
        ])
        #expect(flags.texts == ["http.port": "9000", "http.trustedProxies": "10.0.0.0/8,::1"])
        #expect(flags.configurationFile == "g.yaml")
        #expect(rest == ["user", "show", "alice", "--json"])
    }

    @Test("nothing after -- is a flag")
    func terminator() throws {
        let (flags, rest) = try SettingFlags.split(["user", "show", "--", "--http-port", "1"])
        #expect(flags == SettingFlags())
        #expect(rest == ["user", "show", "--", "--http-port", "1"])
    }

    @Test("every setting is one", arguments: SettingDefinition.all.map(\.key))
    func every(_ key: String) throws {
        let definition = try #require(SettingDefinition.named(key))
        let (flags, rest) = try SettingFlags.split([definition.flag, "x"])
        #expect(flags.texts == [key: "x"])
        #expect(rest == [])
    }

    @Test(
        "refuses a flag without value and one that stands twice, and repeats no value", .tags(.security),
        arguments: [
            ["--database-url"], ["--database-url", "--json"],
            ["--database-url", "postgresql://u:hidden@h/d", "--database-url=postgresql://u:hidden@h/e"],
            ["--config", "hidden", "--config", "b"],
        ])
    func refuses(_ arguments: [String]) {
        let refusal = #expect(throws: SettingFlags.Refusal.self) { try SettingFlags.split(arguments) }
        #expect(refusal?.description.contains("hidden") == false)
    }

    @Test("no command has an option of the same name as a setting, which would never reach it")
    func apart() {
        let help = Gatehouse._dumpHelp()
        for definition in SettingDefinition.all {
            #expect(!help.contains("\"name\" : \"\(definition.flag.dropFirst(2))\""), "\(definition.flag)")
        }
        #expect(help.contains("\"name\" : \"dry-run\""))
    }
}
