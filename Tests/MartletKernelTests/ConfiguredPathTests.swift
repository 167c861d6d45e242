import Glibc
import MartletKernel
import MartletTesting
import Testing

struct ConfiguredPathTests {
    private func refusal(_ path: String) -> String? {
        do throws(SettingError) {
            try ConfiguredPath.checkCanBeMade(path)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `files can be made in a folder, and in one that is missing`() throws {
        let folder = try TemporaryFolder()
        for path in [folder.file("a"), folder.file("b/c/d"), "a", "./b/c"] { #expect(refusal(path) == nil) }
    }

    @Test func `no file can be made below a file, or where the kernel shows what it knows`() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "file")
        #expect(refusal(folder.file("file/a/b")) == "is below \(folder.file("file")), which is no folder")
        for place in ["/proc", "/sys", "/proc/self", "/sys/kernel"] {
            for name in ["a", "b/c"] {
                #expect(refusal("\(place)/\(name)")?.hasPrefix("is in \(place), which shows") == true)
            }
        }
    }

    // Root may write everywhere.
    @Test(.enabled(if: geteuid() != 0)) func `no file can be made in a folder that the user may not write`() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "closed/file")
        #expect(chmod(folder.file("closed"), 0o555) == 0)
        for name in ["a", "b/c"] {
            #expect(refusal(folder.file("closed/\(name)"))?.contains("where this user may make no files") == true)
        }
        #expect(chmod(folder.file("closed"), 0o755) == 0)
    }
}
