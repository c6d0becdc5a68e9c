-- KEYS: of each turn that is given back its host's set; then of each call its host's set, askers and pace, and
-- the pause of host and caller. ARGV: bounds; the turns given back; of each call its turn, how many its process
-- holds of the host, and the caller's time. A second's calls may come at once. Answers of each call: "0" for a
-- turn, seconds to wait as "w…", or until when the host is not to be called as "h…".
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local limit, gap, lasts = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local again, process, given = ARGV[4], ARGV[5], tonumber(ARGV[6])
for i = 1, given do redis.call('ZREM', KEYS[i], ARGV[6 + i]) end
local answers, mine = {}, {}
local k, a = given, 6 + given
while k < #KEYS do
  local turns, askers, pace, pause = KEYS[k + 1], KEYS[k + 2], KEYS[k + 3], KEYS[k + 4]
  local turn, held, at = ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  k, a = k + 4, a + 3
  local paused = redis.call('GET', pause)
  if paused and tonumber(paused) > at then
    answers[#answers + 1] = 'h' .. paused
  else
    redis.call('ZREMRANGEBYSCORE', turns, '-inf', now)
    redis.call('ZREMRANGEBYSCORE', askers, '-inf', now - 5)
    redis.call('ZADD', askers, now, process)
    local share = math.max(1, math.ceil(limit / redis.call('ZCARD', askers)))
    mine[turns] = mine[turns] or held
    local due = math.max(tonumber(redis.call('GET', pace) or 0), now - 1)
    if due > now then
      answers[#answers + 1] = 'w' .. tostring(due - now)
    elseif redis.call('ZCARD', turns) >= limit or mine[turns] >= share then
      answers[#answers + 1] = 'w' .. again
    else
      mine[turns] = mine[turns] + 1
      redis.call('ZREM', askers, process)
      redis.call('ZADD', turns, now + lasts, turn)
      redis.call('PEXPIRE', turns, math.ceil(lasts * 1000))
      due = due + gap
      redis.call('SET', pace, string.format('%.6f', due), 'PX', math.ceil((due - now) * 1000) + 2000)
      answers[#answers + 1] = '0'
    end
    redis.call('PEXPIRE', askers, 6000)
  end
end
return answers
