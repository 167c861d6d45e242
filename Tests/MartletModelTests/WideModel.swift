import MartletModel

/// As wide as a schema is likely to get: declaring it must not slow the compiler down.
struct WideModel: Model, Equatable {
    var id: Int64
    var a: String, b: String, c: Int64, d: String?, e: Int64?, f: String, g: String, h: Int64
    var i: String, j: String, k: Int64, l: String?, m: Int64?, n: String, o: String, p: Int64
    var q: String, r: String, s: Int64, t: String?, u: Int64?, v: String, w: String

    static let schema = Schema(
        "wide",
        Field("id", \.id, .key(.generated)),
        Field("a", \.a, .length(1...200), .indexed), Field("b", \.b, .email, .unique(ignoringCase: true)),
        Field("c", \.c, .unique), Field("d", \.d, .length(0...10)), Field("e", \.e, .indexed), Field("f", \.f),
        Field("g", \.g), Field("h", \.h), Field("i", \.i), Field("j", \.j), Field("k", \.k), Field("l", \.l),
        Field("m", \.m), Field("n", \.n), Field("o", \.o), Field("p", \.p), Field("q", \.q), Field("r", \.r),
        Field("s", \.s), Field("t", \.t), Field("u", \.u), Field("v", \.v), Field("w", \.w),
        build: WideModel.init)
}
