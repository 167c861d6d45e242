import DeclaredResources
import HTTPTransport
import MartletServer
import SQLiteStorage
import UsersResource

await Martlet.main([HTTPTransport.self, SQLiteStorage.self, UsersResource.self, DeclaredResources.self])
