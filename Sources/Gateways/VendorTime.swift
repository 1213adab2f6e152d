import FoundationEssentials

/// Points in time as ISO 8601 writes them, UTC, whole seconds.
enum VendorTime {
    /// `2018-02-12T15:30:20Z`
    static func extended(_ date: Date) -> String { date.formatted(.iso8601) }

    /// `20180212T153020Z`
    static func basic(_ date: Date) -> String { extended(date).filter { $0 != "-" && $0 != ":" } }

    /// `2018-02-12`
    static func day(_ date: Date) -> String { String(extended(date).prefix { $0 != "T" }) }
}
