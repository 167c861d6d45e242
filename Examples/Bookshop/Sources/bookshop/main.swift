import BookshopPlugins
import HTTPTransport
import MartletServer

await Martlet.main([
    HTTPTransport.self, ShelfStorage.self, BooksResource.self, PlainISBNs.self, Reservations.self, Greetings.self,
])
