public import MartletModel

extension Capability where Value == any Storage {
    /// Where records are kept. Exactly one plugin provides it.
    public static var storage: Self { Self("storage") }
}

extension Capability where Value == ResourceSchema {
    /// The resources that are served. Resource plugins contribute them.
    public static var resources: Self { Self("resources") }
}

extension Capability where Value == any Hook {
    /// Logic of resources beyond their schemas.
    public static var hooks: Self { Self("hooks") }
}

extension Capability where Value == Application {
    /// The domain, once its storage and resources are known. The kernel provides it.
    public static var application: Self { Self("application") }
}

extension Capability where Value == Route {
    /// Endpoints beyond those that every resource has. Transports serve them beside their own.
    public static var routes: Self { Self("routes") }
}

extension Capability where Value == any Transport {
    /// The ways in. Transport plugins contribute them.
    public static var transports: Self { Self("transports") }
}

extension Capability where Value == WallClock {
    /// What time it is. The kernel provides the system's; tests override it.
    public static var clock: Self { Self("clock") }
}

extension Capability where Value == RandomSource {
    /// Random bits. The kernel provides the system's; tests override it.
    public static var random: Self { Self("random") }
}

extension Capability where Value == BufferBudget {
    /// Bounds the memory that the server holds for its clients. The kernel provides it; a transport sets its limit.
    public static var bufferBudget: Self { Self("bufferBudget") }
}

extension Capability where Value == String {
    /// Absolute paths of files and folders whose content decides what is served; of a folder its `*.yaml` files do.
    /// Plugins that read such files while they are made contribute them, and `martlet serve --watch` starts anew when
    /// one has changed. The configuration file itself is always watched.
    public static var watchedPaths: Self { Self("watchedPaths") }

    /// What a user should know about the files that a plugin has read, and that is no mistake. A start logs it, and `check`
    /// prints it.
    public static var warnings: Self { Self("warnings") }
}

extension Capability where Value == FileFormat {
    /// Formats of the files that plugins read.
    public static var fileFormats: Self { Self("fileFormats") }
}
