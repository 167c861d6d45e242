-- GET /users/{id} for random ids. Arguments: the lowest and the highest.

function init(arguments)
    math.randomseed(os.time())
    lowest, highest = tonumber(arguments[1]), tonumber(arguments[2])
end

function request()
    return wrk.format("GET", "/users/" .. math.random(lowest, highest))
end
