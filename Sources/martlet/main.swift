import DeclaredResources
import HTTPTransport
import MartletServer
import PostgresStorage
import SQLiteStorage
import UsersResource

await Martlet.main([
    HTTPTransport.self, SQLiteStorage.self, PostgresStorage.self, UsersResource.self, DeclaredResources.self,
])
