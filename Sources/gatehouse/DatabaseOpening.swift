import Logging
import Server
import Storage
import StoragePostgreSQL
import StorageSQLite

/// Opens the database that the settings name; its schema is not touched.
enum DatabaseOpening {
    static func open(_ settings: Settings, logger: Logger) async throws -> any Database {
        switch settings.database {
        case .embedded:
            try SQLiteDatabase(path: path(ofEmbedded: settings), logger: logger)
        case .postgresql(let url, let connections):
            try await PostgreSQLDatabase.open(url: url, connections: connections, logger: logger)
        }
    }

    /// The file of the embedded database.
    static func path(ofEmbedded settings: Settings) -> String {
        settings.dataDirectory + (settings.dataDirectory.hasSuffix("/") ? "" : "/") + "gatehouse.sqlite"
    }
}
