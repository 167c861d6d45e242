import MartletServer
import UsersResource

await Martlet.main([UsersResource.self])
