import Glibc
// `timespec` is this module's or Glibc's, depending on which the compiler happens to load first.
import SwiftOverlayShims

/// How long ago this process was started, to a hundredth of a second; nil where /proc isn't there.
func sinceProcessStart() -> Duration? {
    guard let status = try? readTextFile("/proc/self/stat", limit: 4096), let name = status.lastIndex(of: ")") else {
        return nil
    }
    // proc(5): the second field, the program's name in parentheses, may hold anything. Behind it, the 20th is the start
    // in clock ticks after boot.
    let fields = status[status.index(after: name)...].split(separator: " ")
    var now = timespec()
    guard fields.count >= 20, let ticks = Int(fields[19]), clock_gettime(CLOCK_BOOTTIME, &now) == 0 else { return nil }
    let started = ticks * 1000 / sysconf(CInt(_SC_CLK_TCK))
    return .milliseconds(max(0, now.tv_sec * 1000 + now.tv_nsec / 1_000_000 - started))
}
