-- GET /users/{id} for random ids. Arguments: the lowest and the highest; perhaps another resource than users; perhaps for
-- how many milliseconds each connection pauses before a request, on average.

function init(arguments)
    math.randomseed(os.time())
    lowest, highest = tonumber(arguments[1]), tonumber(arguments[2])
    path = "/" .. (arguments[3] or "users") .. "/"
    local pause = tonumber(arguments[4] or 0)
    if pause > 0 then
        -- wrk looks for a function of this name. Not always the same pause, or all connections would ask at once.
        function delay() return math.random(0, 2 * pause) end
    end
end

function request()
    return wrk.format("GET", path .. math.random(lowest, highest))
end
