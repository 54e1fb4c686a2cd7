-- Which server holds this key, and since when it lives: a restart or a failover may have taken back the last commits.
-- KEYS    1 any key of the call, so that its own node is asked
-- ARGV    none
-- result  { run_id, uptime in seconds, 1 if it took over from another server, now (Redis milliseconds) }
local time = redis.call('TIME')
local info = redis.call('INFO', 'server')
local replication = redis.call('INFO', 'replication')
local before = replication:match('master_replid2:(%x+)')
return {
  info:match('run_id:(%x+)') or '',
  tonumber(info:match('uptime_in_seconds:(%d+)') or 0),
  before and before:match('[^0]') and 1 or 0,
  time[1] * 1000 + math.floor(time[2] / 1000),
}
